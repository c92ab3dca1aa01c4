/**
 * What raw evidence costs per message, on the readings of an RFID reader.
 *
 * `seal`: CPU of the keeper's thread (reading, hashing, packing, writing), and bytes on disk; then
 * the same messages through an intake log with and without a keeper beside it: the difference is
 * what the gateway's own thread pays.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { Worker } from 'node:worker_threads';
import { pinnedKinds } from '#contracts/evidence.ts';
import { tagReport } from '../testing/bench/bench-device.ts';
import { runBenchParts, say, type Figures } from '../testing/bench/bench-parts.ts';
import { defaultLimits } from './segment-cutter.ts';
import { EvidenceSite, reading, startMs } from './testing/evidence-site.ts';
import type { FromWorker, ToWorker, WorkerData } from './worker-messages.ts';

const messages = 300_000;
const perBatch = 50;
const rounds = 5;

async function seal(): Promise<Figures> {
  const dir = mkdtempSync(join(tmpdir(), 'hf-evidence-'));
  try {
    const site = new EvidenceSite(dir);
    fill(site);
    const keeper = site.keeper({ limits: defaultLimits });
    const before = process.cpuUsage();
    for (let more = true; more;) more = keeper.advance(startMs);
    const { user, system } = process.cpuUsage(before);
    const { bytes, coveredPos } = keeper.status();
    keeper.close();
    const raw = site.intake.keptBytes() / messages;
    say(`${coveredPos} of ${messages} messages sealed, ${raw.toFixed(0)} bytes each in intake.db`);
    site.journalNothing().close();
    const figures = {
      keeperMicrosPerMessage: (user + system) / coveredPos,
      evidenceBytesPerMessage: bytes / coveredPos,
      mainMicrosPerMessage: await mainCost(site.dataDir),
    };
    return figures;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function fill(site: EvidenceSite): void {
  for (let at = 0; at < messages; at += perBatch) {
    const bodies = Array.from({ length: perBatch }, (_, index) => {
      const number = at + index;
      return reading(`reader-${number % 40}`, tagReport(number % 60_000, startMs + number));
    });
    site.append(...bodies);
  }
}

/** Work of this thread while a keeper's thread seals everything: what its messages cost here. */
async function mainCost(dataDir: string): Promise<number> {
  const limits = defaultLimits;
  const data: WorkerData = {
    dataDir,
    budgetBytes: 2 ** 40,
    pinMs: 0,
    pinnedKinds,
    floorBytes: 0,
    limits,
    nowMs: startMs,
  };
  let busyMs = 0;
  for (let round = 0; round < rounds; round += 1) {
    rmSync(join(dataDir, 'evidence'), { recursive: true, force: true });
    for (const end of ['', '-wal', '-shm'])
      rmSync(join(dataDir, `evidence.db${end}`), { force: true });
    const worker = new Worker(new URL('./evidence-worker.ts', import.meta.url), {
      workerData: data,
    });
    const before = performance.eventLoopUtilization();
    await new Promise<void>((resolve) => {
      worker.on('message', (message: FromWorker) => {
        if (message.type === 'status' && message.status.coveredPos > messages / 2) resolve();
      });
      const advance: ToWorker = { type: 'advance', nowMs: startMs, mayRead: true };
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
      worker.postMessage(advance);
    });
    busyMs += performance.eventLoopUtilization(before).active;
    await worker.terminate();
  }
  return (busyMs * 1000) / (rounds * messages);
}

await runBenchParts(process.argv.slice(2), {
  seal: {
    figures: ['keeperMicrosPerMessage', 'evidenceBytesPerMessage', 'mainMicrosPerMessage'],
    run: seal,
  },
});
