import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { messageOf } from '#contracts/fault.ts';
import type { Clock } from '#contracts/time.ts';
import type { Gap, OpcUaDriver, OpcUaSink } from '../../devices/plc/opcua-driver.ts';
import type { PlcSettings } from '../config/plc-settings.ts';
import type { IntakeLog } from './intake-log.ts';

export interface OpcUaIntakeOptions {
  readonly devices: readonly PlcSettings[];
  readonly intake: IntakeLog;
  /** Trusted time. */
  readonly clock: Clock;
  readonly log: Logger;
}

export interface OpcUaIntake {
  start(): Promise<void>;
  /** Puts other PLCs in the place of those so far; the session of one that is the same goes on. */
  replaceDevices(devices: readonly PlcSettings[]): Promise<void>;
  stop(): Promise<void>;
}

/** A PLC's driver, and what it was told. */
interface RunningPlc {
  readonly settings: PlcSettings;
  readonly driver: OpcUaDriver;
  readonly sink: ResumedSink | undefined;
}

/** Runs one driver per PLC. The stack is large, so that it is loaded only where there is a PLC. */
export function createOpcUaIntake(options: OpcUaIntakeOptions): OpcUaIntake {
  const { clock, intake, log } = options;
  let wanted = options.devices;
  const running = new Map<string, RunningPlc>();
  /** Changes follow each other: a driver is stopped before its device gets another. */
  let turn: Promise<void> = Promise.resolve();
  let isStarted = false;

  async function begin(settings: PlcSettings, unsampledSinceMs?: number): Promise<void> {
    const { createOpcUaDriver } = await import('../../devices/plc/opcua-driver.ts');
    const plain = createOpcUaSink(settings.device, options);
    const channels = settings.tags.length + (settings.sources?.length ?? 0);
    const sink =
      unsampledSinceMs === undefined
        ? undefined
        : resumedSink(plain, { channels, fromMs: unsampledSinceMs }, () => clock.nowMs());
    const driver = createOpcUaDriver({ ...settings, clock, log }, sink ?? plain);
    running.set(settings.device, { settings, driver, sink });
    await driver.start();
  }

  async function end({ driver, settings: { device }, sink }: RunningPlc): Promise<void> {
    running.delete(device);
    await driver.stop().catch((error: unknown) => {
      log.warn({ device, reason: messageOf(error) }, 'opcua.stop-failed');
    });
    sink?.tellGap();
  }

  async function follow(): Promise<void> {
    const latter = new Map(wanted.map((settings) => [settings.device, settings]));
    const gone = [...running.values()].filter(({ settings }) => {
      const now = latter.get(settings.device);
      return now === undefined || !isDeepStrictEqual(now, settings);
    });
    const sinceMs = new Map(gone.map(({ settings }) => [settings.device, clock.nowMs()]));
    await Promise.all(gone.map(end));
    for (const device of sinceMs.keys()) {
      // What its driver said of it holds no more; the next one finds out for itself.
      intake.append({ type: 'connection', device, connected: false }, clock.nowMs());
      intake.append({ type: 'device-faults', device, faults: [] }, clock.nowMs());
    }
    const missing = wanted.filter(({ device }) => !running.has(device));
    await Promise.all(missing.map((settings) => begin(settings, sinceMs.get(settings.device))));
  }

  async function change(): Promise<void> {
    turn = turn.then(follow, follow);
    await turn;
  }

  return {
    async start() {
      isStarted = true;
      await change();
    },
    async replaceDevices(devices) {
      wanted = devices;
      if (isStarted) await change();
    },
    async stop() {
      isStarted = false;
      await turn.catch(() => undefined);
      await Promise.all([...running.values()].map(end));
    },
  };
}

/** A sink that has something to say first. */
interface ResumedSink extends OpcUaSink {
  /** Says it now, if it was not said yet. */
  tellGap(): void;
}

/** Before the first word of a driver that follows another: what nobody sampled in between. */
function resumedSink(
  sink: OpcUaSink,
  missed: { readonly channels: number; readonly fromMs: number },
  nowMs: () => number,
): ResumedSink {
  let isTold = false;
  const tellGap = (): void => {
    if (isTold) return;
    isTold = true;
    sink.gap({ reason: 'link-lost', ...missed, toMs: nowMs() });
  };
  return {
    tellGap,
    sample(channel, payload) {
      tellGap();
      return sink.sample(channel, payload);
    },
    gap: (gap) => sink.gap(gap),
    faults: (faults) => sink.faults(faults),
    connection(connected, detail) {
      if (connected) tellGap();
      sink.connection(connected, detail);
    },
    serverStarted: (startedMs) => sink.serverStarted(startedMs),
  };
}

/** Samples that intake had no room for. */
interface Dropped {
  readonly channels: Set<string>;
  readonly fromMs: number;
  toMs: number;
}

/**
 * Writes what a driver says into the intake log. A PLC keeps nothing for us, so when the log holds
 * and is full, samples are dropped; the gap is said before the next one.
 */
export function createOpcUaSink(
  device: string,
  { intake, clock }: Pick<OpcUaIntakeOptions, 'intake' | 'clock'>,
): OpcUaSink {
  let dropped: Dropped | undefined;

  function appendGap({ reason, channels, fromMs, toMs }: Gap): void {
    const times = { fromMs: Math.floor(fromMs), toMs: Math.floor(toMs) };
    intake.append({ type: 'gap', device, reason, channels, ...times }, clock.nowMs());
  }

  return {
    sample(channel, payload) {
      const nowMs = clock.nowMs();
      if (dropped !== undefined && intake.hold === undefined) {
        const { fromMs, toMs } = dropped;
        appendGap({ reason: 'overflow', channels: dropped.channels.size, fromMs, toMs });
        dropped = undefined;
      }
      const body = { type: 'message', device, channel, qos: 0, payload } as const;
      if (dropped === undefined && intake.append(body, nowMs)) return true;
      dropped ??= { channels: new Set(), fromMs: nowMs, toMs: nowMs };
      dropped.channels.add(channel);
      dropped.toMs = nowMs;
      return false;
    },
    gap: appendGap,
    faults(faults) {
      intake.append({ type: 'device-faults', device, faults }, clock.nowMs());
    },
    connection(connected) {
      intake.append({ type: 'connection', device, connected }, clock.nowMs());
    },
    serverStarted(startedMs) {
      intake.append({ type: 'server-start', device, startedMs }, clock.nowMs());
    },
  };
}
