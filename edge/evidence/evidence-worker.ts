import { readlinkSync, statfsSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { assert, unreachable } from '#contracts/assert.ts';
import { messageOf } from '#contracts/fault.ts';
import { commitTrouble, sqliteCodeOf } from '../journal/commit-trouble.ts';
import { EvidenceKeeper } from './evidence-keeper.ts';
import type { FromWorker, ToWorker, WorkerData } from './worker-messages.ts';

/**
 * The keeper's own thread: whatever it does, messages of devices do not wait for it. Started by
 * `evidence.ts`.
 */
const port = parentPort;
assert(port !== null, 'this file runs as a worker');
const say = (message: FromWorker): void => port.postMessage(message);
/** After a failure, so that a full disk is not asked without end. */
const retryMs = 5_000;
const niceness = 15;

yieldToOthers();
const { nowMs: startedMs, ...options } = workerData as WorkerData;
const keeper = new EvidenceKeeper({ ...options, freeBytes: freeBytesOf }, startedMs);
let nowMs = startedMs;
const run = { working: false, mayRead: true, stopped: false };
let retryAtMs = 0;
say({ type: 'status', status: keeper.status() });

port.on('message', (message: ToWorker) => {
  if (run.stopped) return;
  switch (message.type) {
    case 'advance':
      nowMs = message.nowMs;
      run.mayRead = message.mayRead;
      if (nowMs >= retryAtMs) void work();
      break;
    case 'noted':
      attempt(() => keeper.noted(message.id));
      break;
    case 'give-up':
      attempt(() => keeper.giveUp(message.pos));
      tell();
      break;
    case 'ask':
      attempt(() =>
        say({ type: 'answer', id: message.id, answer: keeper.answer(message.request) }),
      );
      break;
    case 'stop':
      run.stopped = true;
      keeper.close();
      port.close();
      break;
    default:
      unreachable(message);
  }
});

/** In steps, so that questions are answered in between. */
async function work(): Promise<void> {
  if (run.working) return;
  run.working = true;
  let more = true;
  while (more && !run.stopped) {
    more = attempt(() => keeper.advance(nowMs, run.mayRead)) ?? false;
    tell();
    await new Promise((resolve) => setImmediate(resolve));
  }
  run.working = false;
}

function tell(): void {
  if (run.stopped) return;
  attempt(() => {
    for (const notice of keeper.takeNotices()) say({ type: 'notice', ...notice });
    say({ type: 'status', status: keeper.status() });
  });
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    const fatal = sqliteCodeOf(error) !== undefined && commitTrouble(error) === 'broken';
    say({ type: 'failed', fatal, reason: messageOf(error) });
    retryAtMs = nowMs + retryMs;
    return undefined;
  }
}

function freeBytesOf(): number {
  const { bavail, bsize } = statfsSync(options.dataDir);
  return bavail * bsize;
}

/** On Linux a thread has a priority of its own; elsewhere it goes on as it is. */
function yieldToOthers(): void {
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    if (thread > 0) setPriority(thread, niceness);
  } catch {
    // Nothing depends on it.
  }
}
