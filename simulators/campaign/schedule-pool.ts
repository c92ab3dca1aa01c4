import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { messageOf } from '#contracts/fault.ts';
import type { CampaignRecord } from './campaign-record.ts';
import type { RangeOutcome, SeedRange } from './schedule-worker.ts';

const rangeSeeds = 25;

/** The seeds of a range that are not done yet, in pieces. */
function piecesOf(seeds: SeedRange): SeedRange[] {
  const pieces: SeedRange[] = [];
  for (let at = 0; at < seeds.count; at += rangeSeeds) {
    pieces.push({ from: seeds.from + at, count: Math.min(rangeSeeds, seeds.count - at) });
  }
  return pieces;
}

/**
 * Runs seeds on as many threads as there are processors. Pieces end in any order; those that are in
 * the record are not run again.
 *
 * @param heard is told of each piece; false ends it early
 * @throws what ends a thread: an exception that nothing in a schedule caught.
 */
export async function runSeeds(
  seeds: SeedRange,
  heard: (outcome: RangeOutcome) => boolean,
  record: CampaignRecord,
  signal: AbortSignal,
): Promise<void> {
  const pieces: SeedRange[] = [];
  let goesOn = true;
  for (const piece of piecesOf(seeds)) {
    const known = record.of(piece);
    if (known === undefined) pieces.push(piece);
    else if (goesOn) goesOn = heard(known);
  }
  const threads = Math.min(availableParallelism(), pieces.length);
  const work = Array.from({ length: threads }, async () => {
    const worker = new Worker(new URL('schedule-worker.ts', import.meta.url));
    try {
      for (let piece = pieces.shift(); piece !== undefined && goesOn; piece = pieces.shift()) {
        signal.throwIfAborted();
        const outcome = await answerOf(worker, piece, signal);
        record.keep(outcome);
        if (!heard(outcome)) goesOn = false;
      }
    } finally {
      await worker.terminate();
    }
  });
  await Promise.all(work);
}

function answerOf(worker: Worker, piece: SeedRange, signal: AbortSignal): Promise<RangeOutcome> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      worker.off('message', heard);
      worker.off('error', failed);
      signal.removeEventListener('abort', aborted);
    };
    const heard = (outcome: RangeOutcome) => {
      settle();
      resolve(outcome);
    };
    const failed = (error: unknown) => {
      settle();
      const { from, count } = piece;
      const seeds = `seeds ${from} to ${from + count - 1}`;
      const why = `${seeds} ended their thread: ${messageOf(error)}`;
      reject(new Error(why, { cause: error }));
    };
    const aborted = () => {
      settle();
      reject(signal.reason as Error);
    };
    worker.once('message', heard);
    worker.once('error', failed);
    signal.addEventListener('abort', aborted, { once: true });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
    worker.postMessage(piece);
  });
}
