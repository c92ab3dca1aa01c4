import type { Logger } from 'pino';
import type { Clock } from '#contracts/time.ts';
import type { FaultCode } from '#contracts/fault-codes.ts';
import type { HttpDevice, HttpIntake } from '../intake/http-intake.ts';
import { SignInLimit, signInKey } from '../intake/sign-in-limit.ts';

export interface ScanDoorOptions {
  readonly intake: Pick<HttpIntake, 'deviceOf'>;
  /** Its monotonic time is used. */
  readonly clock: Clock;
  readonly log: Logger;
}

export type SignInAnswer =
  | { readonly type: 'device'; readonly device: HttpDevice }
  | { readonly type: 'refused' }
  | { readonly type: 'wait'; readonly seconds: number };

/**
 * Who may post, with the back-off that wrong passwords have over MQTT: ten wrong tokens from an
 * address, then one try in up to a minute, and a line in the log for each of the ten and once for
 * the episode. Scanners behind one address share it, so a device that was let in from there before
 * is let in all the while: a misconfigured one beside it does not lock it out.
 */
export class ScanDoor {
  readonly #options: ScanDoorOptions;
  readonly #signIns = new SignInLimit();
  readonly #refusals = new SignInLimit();
  /** By device, the address that it last came from. */
  readonly #cameFrom = new Map<string, string>();

  constructor(options: ScanDoorOptions) {
    this.#options = options;
  }

  /** @param header as `authorization` gives it. */
  signIn(address: string, header: string | undefined): SignInAnswer {
    const { clock, intake, log } = this.#options;
    const nowMs = clock.monotonicMs();
    const key = signInKey(address, undefined);
    const device = intake.deviceOf(header);
    const isKnownHere = device !== undefined && this.#cameFrom.get(device.device) === key;
    const mustWait = this.#signIns.take(key, 'asks', nowMs).includes('refuse');
    if (mustWait && !isKnownHere) {
      return { type: 'wait', seconds: Math.ceil(this.#signIns.waitMs(key, nowMs) / 1000) };
    }
    if (device !== undefined) {
      this.#cameFrom.set(device.device, key);
      return { type: 'device', device };
    }
    const [effect] = this.#signIns.take(key, 'failed', nowMs);
    if (effect === 'warn') log.warn({ address }, 'scan.sign-in-refused');
    if (effect === 'limited') log.warn({ address }, 'scan.sign-ins-limited');
    return { type: 'refused' };
  }

  /** A request that does not fit was refused; one that keeps sending such is not said each time. */
  refused(device: string | undefined, code: FaultCode): void {
    const { clock, log } = this.#options;
    const of = device === undefined ? { code } : { code, device };
    const [effect] = this.#refusals.take(device ?? '', 'failed', clock.monotonicMs());
    if (effect === 'warn') log.warn(of, 'scan.refused');
    if (effect === 'limited') log.warn(of, 'scan.refusals-limited');
  }
}
