import { createHash } from 'node:crypto';
import { Fault } from '#contracts/fault.ts';
import type { Clock } from '#contracts/time.ts';
import type { DeviceProfile } from '../../devices/profile.ts';
import type { IntakeLog } from './intake-log.ts';

/** A device that posts its messages; the bearer token says who it is. */
export interface HttpDevice {
  readonly device: string;
  readonly profile: DeviceProfile;
  /** SHA-256 of the token, in hex: looking a digest up says nothing about the token in its time. */
  readonly tokenDigest: string;
}

export function httpDevice(device: string, profile: DeviceProfile, token: string): HttpDevice {
  return { device, profile, tokenDigest: digestOf(token) };
}

export interface HttpIntakeOptions {
  readonly devices: readonly HttpDevice[];
  readonly intake: IntakeLog;
  /** Trusted time. */
  readonly clock: Clock;
}

/** Acknowledged by the answer, as a PUBACK does for QoS 1. */
const acknowledged = 1;

/**
 * Takes what devices post into the intake log. As with MQTT, taken means on disk; while the log
 * holds nothing is taken, and who waited for an answer gets it at once: the same message sent again
 * does no harm, because such devices name what they send.
 */
export class HttpIntake {
  readonly #intake: IntakeLog;
  readonly #clock: Clock;
  readonly #waiting = new Set<(taken: boolean) => void>();
  #byDigest: ReadonlyMap<string, HttpDevice>;

  /** @throws Fault CONFIG_INVALID where two devices have the same token. */
  constructor({ devices, intake, clock }: HttpIntakeOptions) {
    this.#byDigest = byDigest(devices);
    this.#intake = intake;
    this.#clock = clock;
  }

  start(): void {
    this.#intake.onHold((hold) => {
      if (hold !== undefined) this.#answerAll(false);
    });
  }

  /** Puts other devices in the place of those so far. @throws as the constructor. */
  replaceDevices(devices: readonly HttpDevice[]): void {
    this.#byDigest = byDigest(devices);
  }

  /** @param header as `authorization` gives it. */
  deviceOf(header: string | undefined): HttpDevice | undefined {
    const token = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
    return token === undefined ? undefined : this.#byDigest.get(digestOf(token));
  }

  /** @returns whether the message is on disk; false while the log holds. */
  take(device: string, channel: string, payload: Uint8Array): Promise<boolean> {
    if (this.#intake.hold !== undefined) return Promise.resolve(false);
    return new Promise((resolve) => {
      const body = { type: 'message', device, channel, qos: acknowledged, payload } as const;
      this.#waiting.add(resolve);
      const isTaken = this.#intake.append(body, this.#clock.nowMs(), () => {
        this.#waiting.delete(resolve);
        resolve(true);
      });
      if (isTaken) return;
      this.#waiting.delete(resolve);
      resolve(false);
    });
  }

  #answerAll(taken: boolean): void {
    for (const answer of this.#waiting) answer(taken);
    this.#waiting.clear();
  }
}

/** Devices by what they sign in with. @throws Fault CONFIG_INVALID for one token of two devices. */
export function byDigest(devices: readonly HttpDevice[]): ReadonlyMap<string, HttpDevice> {
  const map = new Map<string, HttpDevice>();
  for (const one of devices) {
    const other = map.get(one.tokenDigest);
    if (other !== undefined) {
      const { device } = one;
      throw new Fault('CONFIG_INVALID', `${device} has the same token as ${other.device}`);
    }
    map.set(one.tokenDigest, one);
  }
  return map;
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
