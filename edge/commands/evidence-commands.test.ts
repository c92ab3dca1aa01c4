import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { EvidenceSite, received } from '../evidence/testing/evidence-site.ts';
import { tempDir } from '../testing/test-parts.ts';
import type { Command, CommandOptions } from './command.ts';
import {
  listEvidenceCommand,
  showEvidenceCommand,
  verifyEvidenceCommand,
} from './evidence-commands.ts';

let site: EvidenceSite;
let seq = 0;
beforeEach(() => {
  site = new EvidenceSite(tempDir()).fill(90);
  seq = site.journalEvent(90, received('reader-1', site.msAt(88)));
  site.fill(130).journalNothing();
  const keeper = site.keeper();
  site.settle(keeper);
  onTestFinished(() => {
    keeper.close();
    site.close();
  });
});

async function run(command: Command, options: CommandOptions = {}) {
  const out: string[] = [];
  const said: string[] = [];
  const context = {
    cwd: '/',
    out: (line: string) => Promise.resolve(void out.push(line)),
    input: async () => '',
    say: (line: string) => void said.push(line),
  };
  const code = await command.run(context, { data: site.dataDir, ...options }, undefined);
  return { code, said, lines: out.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

const firstFile = () => join(site.dataDir, 'evidence', 'segment-00000001.zst');

test('evidence list shows every segment with its root', async () => {
  const { code, lines } = await run(listEvidenceCommand);
  expect(code).toBe(0);
  expect(lines.map(({ segment, firstPos, lastPos }) => [segment, firstPos, lastPos])).toEqual([
    [1, 1, 100],
    [2, 101, 200],
  ]);
});

test('evidence show prints what the device of an event sent, up to its cause', async () => {
  const { code, lines, said } = await run(showEvidenceCommand, { event: String(seq) });
  expect(code).toBe(0);
  expect(lines.at(-1)).toMatchObject({ pos: 90 });
  const devices = lines.slice(0, -1).map(({ body }) => (body as { device: string }).device);
  expect(new Set(devices)).toEqual(new Set(['reader-1']));
  expect(JSON.parse(said[0] ?? '')).toMatchObject({ cause: 'here', segment: 1 });
});

test('evidence verify ends with 0 for what is sound, and names what is not', async () => {
  expect(await run(verifyEvidenceCommand)).toMatchObject({
    code: 0,
    lines: [{ evidence: 'ok', whole: 2 }],
  });
  const bytes = readFileSync(firstFile());
  bytes[20] = (bytes[20] ?? 0) ^ 1;
  writeFileSync(firstFile(), bytes);
  const damaged = await run(verifyEvidenceCommand);
  expect(damaged.code).toBe(1);
  expect(damaged.lines[0]).toMatchObject({ segment: 1, state: 'damaged' });
  rmSync(firstFile());
  expect((await run(verifyEvidenceCommand)).code).toBe(1);
});

test('a command without its folder or event says what is missing', async () => {
  await expect(run(listEvidenceCommand, { data: undefined })).rejects.toThrow(/--data/);
  await expect(run(showEvidenceCommand, { event: 'five' })).rejects.toThrow(/--event/);
});
