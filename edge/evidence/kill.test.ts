import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { expect, test } from 'vitest';
import type { EventPayload } from '#contracts/event-kinds.ts';
import { readJournal } from '../journal/read-journal.ts';
import { tempDir } from '../testing/test-parts.ts';
import { openEvidenceIndex } from './evidence-index.ts';
import { readEvidence } from './read-evidence.ts';
import { EvidenceSite, received } from './testing/evidence-site.ts';
import { verifyEvidence } from './verify-evidence.ts';

const child = new URL('testing/keeper-child.ts', import.meta.url).pathname;
const budgetBytes = 6000;

function runChild(dir: string, killAt: number) {
  const args = [child, dir, String(killAt), String(budgetBytes)];
  const { signal, status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
  });
  if (signal === null && status !== 0) throw new Error(stderr);
  return { killed: signal === 'SIGKILL', steps: stdout.split(' ') };
}

/** A posting in the first of some segments that do not fit into the budget. */
function setUp(): { dir: string; seq: number } {
  const dir = tempDir();
  const site = new EvidenceSite(dir).fill(90);
  const seq = site.journalEvent(90, received('reader-1', site.msAt(88)));
  site.fill(330).journalNothing().close();
  return { dir, seq };
}

function sealedIn(dataDir: string): Map<number, Set<string>> {
  const roots = new Map<number, Set<string>>();
  for (const { header, payload } of readJournal(dataDir)) {
    if (!header.includes('"evidence.sealed"')) continue;
    const { segment, root } = JSON.parse(payload) as EventPayload<'evidence.sealed'>;
    roots.set(segment, (roots.get(segment) ?? new Set()).add(root));
  }
  return roots;
}

test('killed at any step on disk, a keeper goes on with every entry in one whole segment', () => {
  const { dir: original, seq } = setUp();
  const copy = () => {
    const dir = tempDir();
    cpSync(original, dir, { recursive: true });
    return dir;
  };
  const undisturbed = copy();
  const { steps } = runChild(undisturbed, 0);
  expect(new Set(steps).size).toBe(7);
  const expected = sealedIn(join(undisturbed, 'data'));
  for (const step of differentSteps(steps)) {
    const dir = copy();
    const dataDir = join(dir, 'data');
    expect(runChild(dir, step).killed, `step ${step}`).toBe(true);
    recover(dir);
    const said = sealedIn(dataDir);
    for (const [segment, roots] of expected) {
      // A seal may be said twice, but never as something else.
      if (said.has(segment)) expect(said.get(segment), `step ${step}`).toEqual(roots);
    }
    checkSound(dataDir, seq, step);
  }
}, 120_000);

/** The next keeper, on the same folder. */
function recover(dir: string): void {
  const site = new EvidenceSite(dir);
  const keeper = site.keeper({ budgetBytes });
  site.settle(keeper);
  keeper.close();
  site.close();
}

/** Writes of leaves are alike: of these the first, of all other steps the first and the last. */
function differentSteps(steps: readonly string[]): number[] {
  const at = new Set<number>();
  for (const name of new Set(steps)) {
    const all = steps.flatMap((step, index) => (step === name ? [index + 1] : []));
    const some = name === 'write' ? [all[1], all.at(-1)] : [all[0], ...all.slice(-2)];
    for (const step of some) if (step !== undefined) at.add(step);
  }
  return [...at];
}

function checkSound(dataDir: string, seq: number, step: number): void {
  const findings = [...verifyEvidence(dataDir)];
  const states = new Set(findings.map(({ state }) => state));
  expect([...states].filter((state) => state === 'damaged' || state === 'missing')).toEqual([]);
  const index = openEvidenceIndex(dataDir, 'read');
  const rows = index.segmentsAfter(0, 100);
  index.close();
  let next = 1;
  for (const { firstPos, lastPos } of rows) {
    expect(firstPos, `step ${step}`).toBe(next);
    next = lastPos + 1;
  }
  expect(next).toBeGreaterThan(400);
  expect(rows.reduce((sum, { fileBytes }) => sum + fileBytes, 0)).toBeLessThanOrEqual(budgetBytes);
  expect(readEvidence(dataDir, seq).located.cause, `step ${step}`).toBe('here');
  const left = readdirSync(join(dataDir, 'evidence')).filter((name) => name.endsWith('.new'));
  expect(left.length).toBeLessThanOrEqual(1);
}
