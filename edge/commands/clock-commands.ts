import { statfsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Fault } from '#contracts/fault.ts';
import { pino } from 'pino';
import { systemClock } from '../clock.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import type { IntakeLog } from '../intake/intake-log.ts';
import { openIntakeLog } from '../intake/open-intake-log.ts';
import { openIntakeStore } from '../intake/intake-store.ts';
import { lastTimeOf } from '../intake/last-time.ts';
import { lockDataFolder } from '../journal/data-lock.ts';
import type { Command } from './command.ts';
import { optionOf } from './option-of.ts';
import { ownConfig } from './own-config.ts';

/**
 * A gateway's time never goes back by itself. Where the machine's clock once stood far ahead, what
 * was stamped then keeps the gateway there; only a person can say that this was wrong.
 */

const config = { value: 'FILE', required: true } as const;
/** Nobody has run a gateway before 2025: a machine that says so has lost its time. */
const earliestMs = Date.UTC(2025, 0, 1);
/** Less than this is what any clock does. */
const leastAheadMs = 60_000;

export const showClockCommand: Command = {
  name: 'clock show',
  options: { config },
  summary: "the machine's time, and the last time that the gateway has on disk",
  async run(context, options) {
    const { dataDir } = ownConfig(context, resolve(context.cwd, optionOf(options, 'config')));
    const store = openIntakeStore(join(dataDir, 'intake.db'), 'read');
    try {
      const lastMs = lastTimeOf(store.lastBatch());
      const nowMs = systemClock.nowMs();
      await context.out(JSON.stringify(timesOf(lastMs, nowMs)));
    } finally {
      store.close();
    }
    return 0;
  },
};

export const acceptClockCommand: Command = {
  name: 'clock accept',
  options: { config },
  summary:
    "of a stopped gateway that stands ahead: take the machine's time as right from now on; " +
    'recorded in its journal',
  async run(context, options) {
    const loaded = ownConfig(context, resolve(context.cwd, optionOf(options, 'config')));
    const nowMs = systemClock.nowMs();
    const unlock = lockDataFolder(loaded.dataDir);
    try {
      const intake = openForOne(loaded);
      try {
        const lastMs = intake.lastReceivedAtMs;
        checkTimes(lastMs, nowMs);
        await appended(intake, lastMs, nowMs);
        await context.out(JSON.stringify({ ok: true, ...timesOf(lastMs, nowMs) }));
      } finally {
        intake.close();
      }
    } finally {
      unlock();
    }
    context.say('Start the gateway: it goes on from here, and the journal says so.');
    return 0;
  },
};

function timesOf(lastMs: number, nowMs: number) {
  const iso = (ms: number): string => new Date(ms).toISOString();
  return { system: iso(nowMs), last: iso(lastMs), aheadMs: Math.max(0, lastMs - nowMs) };
}

function checkTimes(lastMs: number, nowMs: number): void {
  if (nowMs < earliestMs) {
    const text = `the machine says that it is ${new Date(nowMs).toISOString()}: set its clock first`;
    throw new Fault('CONFLICT', text);
  }
  if (lastMs - nowMs < leastAheadMs) {
    throw new Fault('CONFLICT', 'the gateway is not ahead of the machine: there is nothing to do');
  }
}

function openForOne({ dataDir, disk }: GatewayConfig): IntakeLog {
  return openIntakeLog({
    path: join(dataDir, 'intake.db'),
    budgetBytes: disk.intakeBudgetBytes,
    floorBytes: 0,
    freeBytes: () => {
      const { bavail, bsize } = statfsSync(dataDir);
      return bavail * bsize;
    },
    clock: systemClock,
    log: pino({ level: 'silent' }),
    fatal: (error) => {
      throw error;
    },
  });
}

async function appended(intake: IntakeLog, fromMs: number, toMs: number): Promise<void> {
  await new Promise<void>((done, failed) => {
    intake.onHold((hold) => {
      if (hold !== undefined) failed(new Fault('STORE_FULL', `not written: ${hold.reason}`));
    });
    intake.append({ type: 'clock', fromMs, toMs }, fromMs, () => done());
  });
}
