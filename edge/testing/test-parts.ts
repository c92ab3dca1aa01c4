import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino, type Logger } from 'pino';
import { onTestFinished } from 'vitest';
import type { Clock } from '#contracts/time.ts';

/** A log that keeps what was said. */
export function createTestLog(): {
  log: Logger;
  said: { msg: string; [field: string]: unknown }[];
} {
  const said: { msg: string; [field: string]: unknown }[] = [];
  const write = (line: string) => void said.push(JSON.parse(line) as { msg: string });
  return { log: pino({ level: 'debug', base: null }, { write }), said };
}

/** A folder that is gone after the test. */
export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'hf-edge-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A clock that stands still until it is moved. */
export class FakeClock implements Clock {
  wallMs: number;
  runMs = 0;

  constructor(wallMs = 1_800_000_000_000) {
    this.wallMs = wallMs;
  }

  nowMs(): number {
    return this.wallMs;
  }

  monotonicMs(): number {
    return this.runMs;
  }

  advance(ms: number): void {
    this.wallMs += ms;
    this.runMs += ms;
  }
}

/** Waits until a condition holds, however long the machine takes. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}
