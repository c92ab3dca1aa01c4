import { Fault } from '#contracts/fault.ts';
import type { DeviceFault } from '../device-fault.ts';

/** What we use of node-opcua beside its types, by where it has to be. */
const internals = {
  /** Judges certificates: replaced by our own judgement. */
  store: { checkCertificate: 'function' },
  /** On an interface that the type of a session leaves out. */
  session: { deleteMonitoredItems: 'function' },
  /** Where republishing goes on: set to what is really missing. */
  subscription: { lastSequenceNumber: 'number' },
} as const;

/**
 * Another release of node-opcua may have other internals. What would go wrong then, goes wrong
 * late and quietly: certificates judged by the wrong clock, values lost after a cut. So each is
 * looked at when a link is opened.
 *
 * @throws Fault LINK_DOWN with its diagnosis (`faultIn`).
 */
export function assertInternals(part: keyof typeof internals, of: object): void {
  for (const [name, type] of Object.entries(internals[part])) {
    if (typeof (of as Readonly<Record<string, unknown>>)[name] === type) continue;
    const text =
      `this release of node-opcua has no ${part}.${name} (${type}): ` +
      'install the one that package-lock.json names';
    const fault: DeviceFault = { code: 'library-unfit', text };
    throw new Fault('LINK_DOWN', text, { details: { fault } });
  }
}
