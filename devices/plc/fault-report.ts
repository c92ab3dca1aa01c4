import { maxDeviceFaults, maxFaultText } from '../device-fault.ts';
import type { DeviceFault } from '../device-fault.ts';

interface BadTag {
  readonly fault: DeviceFault;
  /** From then on it is worth telling. */
  readonly dueMs: number;
}

/** A value may be bad for a moment, as while a machine is switched over. */
const toleratedMs = 10_000;
/** These say that the node is not there or not readable: waiting makes no difference. */
const lastingStatuses = new Set([
  'BadNodeIdUnknown',
  'BadNodeIdInvalid',
  'BadNotReadable',
  'BadUserAccessDenied',
  'BadAttributeIdInvalid',
  'BadTypeMismatch',
]);

/**
 * All that keeps a PLC or its tags from being read, told whenever it changes. It is told once even
 * if there is nothing, because what an earlier run found may still stand.
 */
export class FaultReport {
  readonly #tell: (faults: readonly DeviceFault[]) => void;
  #link: DeviceFault | undefined;
  #warnings: readonly DeviceFault[] = [];
  #notRefreshed: readonly DeviceFault[] = [];
  readonly #tags = new Map<string, BadTag>();
  #told: string | undefined;

  constructor(tell: (faults: readonly DeviceFault[]) => void) {
    this.#tell = tell;
  }

  /** The link as a whole; undefined when it stands. */
  link(fault: DeviceFault | undefined): void {
    this.#link = fault;
  }

  warnings(warnings: readonly DeviceFault[]): void {
    this.#warnings = warnings;
  }

  /** Why the server does not tell its standing alarms; undefined if it does. */
  alarmRefresh(why: string | undefined): void {
    const text = `the server does not tell alarms that stand (${why ?? ''}): only new ones are seen`;
    this.#notRefreshed =
      why === undefined ? [] : [faultOf('alarms-not-refreshed', undefined, text)];
  }

  good(tag: string): void {
    this.#tags.delete(tag);
  }

  /** A tag that the server does not serve. */
  refused(tag: string, why: string, node: string): void {
    const text = `the server does not serve ${node}: ${why}`;
    this.#tags.set(tag, { fault: faultOf('tag-refused', tag, text), dueMs: 0 });
  }

  /** A tag whose value is of a type that the server describes to nobody. */
  undecodable(tag: string, encoding: string, node: string): void {
    const remedy = 'map the plain variable, or have the server describe the type';
    const text = `${node} is a structure that the server does not describe (${encoding}): ${remedy}`;
    this.#tags.set(tag, { fault: faultOf('tag-not-decodable', tag, text), dueMs: 0 });
  }

  /** A tag that has no good value. */
  bad(tag: string, status: string, node: string, nowMs: number): void {
    const known = this.#tags.get(tag);
    const fault = faultOf('tag-bad', tag, `${node} has no good value: ${status}`);
    if (known?.fault.text === fault.text) return;
    const dueMs = lastingStatuses.has(status) ? 0 : nowMs + toleratedMs;
    this.#tags.set(tag, { fault, dueMs: Math.min(dueMs, known?.dueMs ?? dueMs) });
  }

  /** Tells what changed, if anything did. */
  flush(nowMs: number): void {
    const faults = this.#faultsAt(nowMs);
    const text = JSON.stringify(faults);
    if (text === this.#told) return;
    this.#told = text;
    this.#tell(faults);
  }

  #faultsAt(nowMs: number): DeviceFault[] {
    const due = [...this.#tags.values()].filter(({ dueMs }) => dueMs <= nowMs);
    const link = this.#link === undefined ? [] : [this.#link];
    const all = [
      ...link,
      ...this.#warnings,
      ...this.#notRefreshed,
      ...due.map(({ fault }) => fault),
    ];
    if (all.length <= maxDeviceFaults) return all;
    const more = all.length - maxDeviceFaults + 1;
    const rest = faultOf('more-faults', undefined, `and ${more} further faults; the log has all`);
    return [...all.slice(0, maxDeviceFaults - 1), rest];
  }
}

function faultOf(code: string, subject: string | undefined, text: string): DeviceFault {
  const cut = text.slice(0, maxFaultText).toWellFormed();
  return { code, ...(subject === undefined ? {} : { subject }), text: cut };
}
