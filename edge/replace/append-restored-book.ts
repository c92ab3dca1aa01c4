import type { Logger } from 'pino';
import type { Clock } from '#contracts/time.ts';
import type { IntakeLog } from '../intake/intake-log.ts';
import { markTakenIn, readBook, readReplacement } from './replacement-file.ts';

interface BookParts {
  readonly dataDir: string;
  readonly intake: Pick<IntakeLog, 'append' | 'lastPos' | 'readFrom'>;
  /** Trusted time. */
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * At the first start of a box in the place of another one: its book goes into the intake log, before
 * any device is heard. A start that dies in between goes on where the log ends.
 *
 * @throws Fault STORE_BROKEN where the book is not what the hub gave.
 */
export async function appendRestoredBook({
  dataDir,
  intake,
  clock,
  log,
}: BookParts): Promise<void> {
  const manifest = readReplacement(dataDir);
  if (manifest === undefined) return;
  const { parts } = readBook(dataDir, manifest);
  const taken = partsIn(intake);
  const nowMs = clock.nowMs();
  const origin = {
    parent: manifest.parent,
    uncertainFromMs: manifest.uncertainFromMs,
    // Until now nobody listened, whenever the box was let in.
    uncertainToMs: Math.max(nowMs, manifest.uncertainToMs),
    book: manifest.content.hash,
  };
  const waits = parts.slice(taken).map((rows, index) => {
    const part = taken + index + 1;
    const isLast = part === parts.length;
    const body = { type: 'book-restored' as const, part, parts: parts.length, rows };
    return new Promise<number>((resolve) => {
      intake.append(isLast ? { ...body, origin } : body, nowMs, resolve);
    });
  });
  await Promise.all(waits);
  markTakenIn(dataDir);
  const { parent, uncertainFromMs } = manifest;
  log.warn({ parts: parts.length, parent, uncertainFromMs }, 'gateway.book-restored');
}

/** Until the book is in it nothing else is: the log is short. */
function partsIn(intake: BookParts['intake']): number {
  let found = 0;
  for (let pos = 1; pos <= intake.lastPos;) {
    const entries = intake.readFrom(pos, 1000);
    const last = entries.at(-1);
    if (last === undefined) break;
    found += entries.filter(({ body }) => body.type === 'book-restored').length;
    pos = last.pos + 1;
  }
  return found;
}
