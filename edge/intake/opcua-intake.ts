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
  stop(): Promise<void>;
}

/** Runs one driver per PLC. The stack is large, so that it is loaded only where there is a PLC. */
export function createOpcUaIntake(options: OpcUaIntakeOptions): OpcUaIntake {
  const { devices, clock, log } = options;
  let drivers: OpcUaDriver[] = [];
  return {
    async start() {
      if (devices.length === 0) return;
      const { createOpcUaDriver } = await import('../../devices/plc/opcua-driver.ts');
      drivers = devices.map((settings) => {
        const sink = createOpcUaSink(settings.device, options);
        return createOpcUaDriver({ ...settings, clock, log }, sink);
      });
      await Promise.all(drivers.map((driver) => driver.start()));
    },
    async stop() {
      const ended = await Promise.allSettled(drivers.map((driver) => driver.stop()));
      for (const end of ended) {
        if (end.status === 'fulfilled') continue;
        log.warn({ reason: messageOf(end.reason) }, 'opcua.stop-failed');
      }
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
    connection(connected) {
      intake.append({ type: 'connection', device, connected }, clock.nowMs());
    },
  };
}
