import type { Logger } from 'pino';
import type { Clock } from '#contracts/time.ts';
import type { newCounters } from './broker-counters.ts';
import type { ClientCertificate } from './client-certificate.ts';
import type { Connection } from './connection.ts';
import { accessTable, signIn, type AccessTable, type DeviceAccess } from './device-access.ts';
import { certificateKinds, certificateNotes } from './certificate-notes.ts';
import type { DeviceNotes } from './device-notes.ts';
import { refusalAdvice } from './refusal-advice.ts';
import { RefusalFile } from './refusal-file.ts';
import { RefusalLog, type RefusalReason } from './refusal-log.ts';
import { SignInLimit, signInKey } from './sign-in-limit.ts';

/** Who asks to come in. */
export interface Caller {
  readonly clientId: string;
  readonly address: string | undefined;
  readonly certificate: ClientCertificate | undefined;
}

export interface DeviceDoorOptions {
  readonly devices: readonly DeviceAccess[];
  readonly counters: ReturnType<typeof newCounters>;
  readonly notes: DeviceNotes;
  readonly isConnected: (device: string) => boolean;
  /** Where refusals of devices outlive the process. */
  readonly refusalsFile?: string;
  /** Trusted time, which certificates are judged by. */
  readonly clock: Clock;
  readonly log: Logger;
}

/** Who may come in, by certificate or by password, and who did not. */
export class DeviceDoor {
  readonly #options: DeviceDoorOptions;
  readonly #signIns = new SignInLimit();
  #table: AccessTable;
  /** Who was not let in lately, and why. */
  readonly refusals = new RefusalLog();
  readonly #file: RefusalFile | undefined;

  constructor(options: DeviceDoorOptions) {
    this.#options = options;
    const { log, refusalsFile } = options;
    this.#file = refusalsFile === undefined ? undefined : new RefusalFile(refusalsFile, log);
    this.#table = accessTable(options.devices);
  }

  replaceDevices(devices: readonly DeviceAccess[]): void {
    this.#table = accessTable(devices);
    const names = new Set(this.#table.byDevice.keys());
    this.#options.notes.keepOnly(names);
    this.refusals.keepOnly(names);
  }

  /** Takes up what was refused before the process began. */
  restore(): void {
    this.#file?.readInto(this.refusals);
    this.refusals.keepOnly(new Set(this.#table.byDevice.keys()));
  }

  /** Writes down what was refused, where it is due. @param when `now` as the process ends */
  keep(when: 'now' | 'due'): void {
    this.#file?.write(
      this.refusals,
      when === 'now' ? undefined : this.#options.clock.monotonicMs(),
    );
  }

  /** What a device may do by now. */
  accessOf(device: string): DeviceAccess | undefined {
    return this.#table.byDevice.get(device);
  }

  /** Whom a certificate stands for: the very certificate first, then a name that is believed. */
  holderOf({ commonName, refusal, sha256 }: ClientCertificate): DeviceAccess | undefined {
    const pinned = this.#table.byCertificate.get(sha256);
    if (pinned !== undefined || refusal !== undefined || commonName === undefined) return pinned;
    return this.#table.byCommonName.get(commonName);
  }

  /** A certificate is all that its holder needs, whatever user name it sends along. */
  signIn(caller: Caller, username?: string, password?: Uint8Array): DeviceAccess | undefined {
    const { certificate } = caller;
    const holder = certificate && this.holderOf(certificate);
    if (certificate === undefined || holder === undefined) {
      return this.#byPassword(caller, username, password);
    }
    this.#letIn(holder.device);
    this.judgeDates(holder.device, certificate);
    return holder;
  }

  /** Says what the dates of a certificate that is in use are, or will be. */
  judgeDates(device: string, certificate: ClientCertificate): void {
    const { clock, notes } = this.#options;
    notes.replace(device, certificateKinds, certificateNotes(certificate, clock.nowMs()));
  }

  refuse(reason: RefusalReason, caller: Partial<Caller>, username?: string): void {
    const { clock, isConnected, notes } = this.#options;
    const { address, certificate, clientId = '' } = caller;
    const { byCommonName, byUsername } = this.#table;
    const named = byUsername.get(username ?? '') ?? byCommonName.get(certificate?.commonName ?? '');
    const whose = { ...shownOf(certificate), ...(named && { device: named.device }) };
    this.refusals.note({ reason, username, clientId, address, ...whose }, clock.nowMs());
    const code = noteOf(reason);
    // Somebody else may try its name; what keeps a device out shows while it is out.
    if (named === undefined || code === undefined || isConnected(named.device)) return;
    const { cause, remedy } = refusalAdvice[reason];
    notes.set(named.device, code, { text: `it was not let in: ${cause}. ${remedy}` });
  }

  /** A device that was let in asked for what is not its own. */
  deny(reason: DenialReason, connection: Connection, topic: string): void {
    const { access, certificate, clientId, socket } = connection;
    if (access === undefined) return;
    const { device, key } = access;
    const username = key.type === 'password' ? key.username : undefined;
    const who = { username, clientId, address: socket.remoteAddress, ...shownOf(certificate) };
    this.refusals.note({ reason, device, topic, ...who }, this.#options.clock.nowMs());
  }

  #byPassword(
    caller: Caller,
    username: string | undefined,
    password: Uint8Array | undefined,
  ): DeviceAccess | undefined {
    const { clock, counters, log } = this.#options;
    const { byUsername } = this.#table;
    const { address, certificate } = caller;
    const known = byUsername.has(username ?? '') ? username : undefined;
    const key = signInKey(address, known);
    const nowMs = clock.monotonicMs();
    if (this.#signIns.take(key, 'asks', nowMs).includes('refuse')) {
      counters.signInsLimited += 1;
      this.refuse('too-many-tries', caller, username);
      return undefined;
    }
    const access = signIn(byUsername, username, password);
    if (access === undefined) {
      counters.signInsRefused += 1;
      const [effect] = this.#signIns.take(key, 'failed', nowMs);
      this.refuse(
        known === undefined ? stranger(certificate, username) : 'wrong-password',
        caller,
        username,
      );
      const from = { address, username: known };
      if (effect === 'warn') log.warn(from, 'broker.sign-in-refused');
      if (effect === 'limited') log.warn(from, 'broker.sign-ins-limited');
      return undefined;
    }
    this.#signIns.take(key, 'signed-in', nowMs);
    this.#letIn(access.device);
    return access;
  }

  #letIn(device: string): void {
    this.#options.notes.replace(device, refusedKinds, []);
  }
}

type DenialReason = Extract<RefusalReason, `${string}-denied`>;

function shownOf(certificate: ClientCertificate | undefined): { readonly certificate?: string } {
  if (certificate === undefined) return {};
  return { certificate: `${certificate.commonName ?? ''} ${certificate.sha256}`.trim() };
}

const refusedKinds = ['sign-in-refused', 'mqtt5-refused', 'client-certificate-refused'] as const;

/** Why a certificate stands for nobody. */
export function whyNot({ refusal }: ClientCertificate): RefusalReason {
  return refusal === undefined ? 'certificate-of-nobody' : `certificate-${refusal}`;
}

/** Why somebody who uses no device's name is not let in. */
function stranger(certificate: ClientCertificate | undefined, username = ''): RefusalReason {
  if (certificate !== undefined) return whyNot(certificate);
  return username === '' ? 'nothing-shown' : 'unknown-user';
}

function noteOf(reason: RefusalReason): (typeof refusedKinds)[number] | undefined {
  if (reason === 'mqtt5') return 'mqtt5-refused';
  if (reason === 'wrong-password') return 'sign-in-refused';
  return reason.startsWith('certificate-') ? 'client-certificate-refused' : undefined;
}
