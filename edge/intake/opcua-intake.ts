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
}

/** Runs one driver per PLC. The stack is large, so that it is loaded only where there is a PLC. */
export function createOpcUaIntake(options: OpcUaIntakeOptions): OpcUaIntake {
  const { clock, intake, log } = options;
  let wanted = options.devices;
  const running = new Map<string, RunningPlc>();
  /** Changes follow each other: a driver is stopped before its device gets another. */
  let turn: Promise<void> = Promise.resolve();
  let isStarted = false;

  async function begin(settings: PlcSettings): Promise<void> {
    const { createOpcUaDriver } = await import('../../devices/plc/opcua-driver.ts');
    const sink = createOpcUaSink(settings.device, options);
    const driver = createOpcUaDriver({ ...settings, clock, log }, sink);
    running.set(settings.device, { settings, driver });
    await driver.start();
  }

  async function end({ driver, settings: { device } }: RunningPlc): Promise<void> {
    running.delete(device);
    await driver.stop().catch((error: unknown) => {
      log.warn({ device, reason: messageOf(error) }, 'opcua.stop-failed');
    });
  }

  async function follow(): Promise<void> {
    const latter = new Map(wanted.map((settings) => [settings.device, settings]));
    const gone = [...running.values()].filter(({ settings }) => {
      const now = latter.get(settings.device);
      return now === undefined || !isDeepStrictEqual(now, settings);
    });
    const sinceMs = Math.floor(clock.nowMs());
    await Promise.all(gone.map(end));
    for (const { device } of gone.map(({ settings }) => settings)) {
      // What its driver said of it holds no more; the next one finds out for itself.
      intake.append({ type: 'connection', device, connected: false, sinceMs }, clock.nowMs());
      intake.append({ type: 'device-faults', device, faults: [] }, clock.nowMs());
    }
    const missing = wanted.filter(({ device }) => !running.has(device));
    await Promise.all(missing.map(begin));
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
    connection(connected, _detail, sinceMs) {
      const since = sinceMs === undefined ? {} : { sinceMs: Math.floor(sinceMs) };
      intake.append({ type: 'connection', device, connected, ...since }, clock.nowMs());
    },
    serverStarted(startedMs) {
      intake.append({ type: 'server-start', device, startedMs }, clock.nowMs());
    },
  };
}
