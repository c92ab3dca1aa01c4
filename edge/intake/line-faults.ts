import type { Logger } from 'pino';
import type { LineFaultCounts } from '#contracts/now-lane.ts';
import type { Clock } from '#contracts/time.ts';
import type { newCounters } from './broker-counters.ts';
import type { Connection } from './connection.ts';
import type { DeviceNotes, lineCodes } from './device-notes.ts';
import { maxUnreadBytes } from './engine-stream.ts';
import type { StreamCut } from './frame-reader.ts';

export interface LineFaultsOptions {
  readonly counters: ReturnType<typeof newCounters>;
  readonly notes: DeviceNotes;
  readonly clock: Clock;
  readonly log: Logger;
}

type Kind = keyof LineFaultCounts;

/** Without another one for this long, a device is no longer said to have the fault. */
const calmMs = 60_000;
const codeOf = {
  framesCut: 'frame-too-large',
  protocolFaults: 'protocol-fault',
  notRead: 'not-reading',
} as const satisfies Record<Kind, (typeof lineCodes)[number]>;

interface Of {
  counts: LineFaultCounts;
  /** Until then it is said, by fault. */
  readonly saidUntilMs: Map<Kind, number>;
}

/**
 * Connections that are closed for what a device did on them: counted for the broker and, since the
 * start, for the device, where it is also said for as long as it goes on.
 */
export class LineFaults {
  readonly #options: LineFaultsOptions;
  readonly #byDevice = new Map<string, Of>();

  constructor(options: LineFaultsOptions) {
    this.#options = options;
  }

  /** Of one device since the start; undefined if there was none. */
  of(device: string): LineFaultCounts | undefined {
    return this.#byDevice.get(device)?.counts;
  }

  /** What it sent cannot be read on from. */
  cut(connection: Connection, cut: StreamCut): void {
    const device = connection.access?.device;
    const { log } = this.#options;
    if (cut.reason === 'too-long') {
      const { announcedBytes } = cut;
      log.warn({ device, announcedBytes }, 'broker.frame-cut');
      // The same words for any size: what is said anew is an entry.
      const text = 'it announced a message above 1 MiB: let it send less at a time, up to 256 KiB';
      this.#close(connection, 'framesCut', `its connection was closed: ${text}`);
      return;
    }
    this.broke(connection, cut.rule);
  }

  /** It did what MQTT 3.1.1 forbids. @param rule its number there */
  broke(connection: Connection, rule: string): void {
    const device = connection.access?.device;
    this.#options.log.warn({ device, rule }, 'broker.protocol-fault');
    const text = `what it sent breaks MQTT 3.1.1 [${rule}]: update it, or report it to its maker`;
    this.#close(connection, 'protocolFaults', `its connection was closed: ${text}`);
  }

  /** What it subscribed to, or its acknowledgements, it does not read. */
  notRead(connection: Connection): void {
    if (connection.socket.destroyed) return;
    this.#options.log.warn({ device: connection.access?.device }, 'broker.not-read');
    const text = `${maxUnreadBytes / 1024} KiB waited for it, and it read nothing`;
    this.#close(connection, 'notRead', `its connection was closed: ${text}. Is it hung up?`);
  }

  /** Takes back what is no longer so; to be called now and then. */
  settle(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const [device, { saidUntilMs }] of this.#byDevice) {
      for (const [kind, untilMs] of saidUntilMs) {
        if (nowMs < untilMs) continue;
        saidUntilMs.delete(kind);
        this.#options.notes.set(device, codeOf[kind], undefined);
      }
    }
  }

  /** Before somebody has signed in there is no device to say it of. */
  #close({ access, socket }: Connection, kind: Kind, text: string): void {
    const { clock, counters, notes } = this.#options;
    socket.destroy();
    counters[kind] += 1;
    if (access === undefined) return;
    const { device } = access;
    const of = this.#byDevice.get(device) ?? { counts: none, saidUntilMs: new Map<Kind, number>() };
    of.counts = { ...of.counts, [kind]: of.counts[kind] + 1 };
    of.saidUntilMs.set(kind, clock.monotonicMs() + calmMs);
    this.#byDevice.set(device, of);
    notes.set(device, codeOf[kind], { text });
  }
}

const none: LineFaultCounts = { framesCut: 0, notRead: 0, protocolFaults: 0 };
