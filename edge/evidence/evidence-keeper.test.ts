import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { EventHeader } from '#contracts/envelope.ts';
import { evidenceWindowOf } from '#contracts/evidence-bounds.ts';
import type { EvidenceReply } from '#contracts/evidence.ts';
import { leafHash, provesInclusion } from '#contracts/merkle.ts';
import type { IntakeEntry } from '../intake/intake-entry.ts';
import { tempDir } from '../testing/test-parts.ts';
import { entryLine } from './entry-line.ts';
import { openEvidenceIndex } from './evidence-index.ts';
import type { EvidenceKeeper } from './evidence-keeper.ts';
import { positionsIn } from './prune-segment.ts';
import { readEvidence } from './read-evidence.ts';
import { SegmentCutter, sha256OfBytes } from './segment-cutter.ts';
import { SegmentReader, unpackLeaf } from './segment-file.ts';
import { EvidenceSite, reading, received, smallLimits } from './testing/evidence-site.ts';
import { verifyEvidence } from './verify-evidence.ts';

function newSite(dir = tempDir()): EvidenceSite {
  const site = new EvidenceSite(dir);
  onTestFinished(() => site.close());
  return site;
}

function openKeeper(site: EvidenceSite, ...changes: Parameters<EvidenceSite['keeper']>) {
  const keeper = site.keeper(...changes);
  onTestFinished(() => keeper.close());
  return keeper;
}

function rowsOf(site: EvidenceSite) {
  const index = openEvidenceIndex(site.dataDir, 'read');
  try {
    return index.segmentsAfter(0, 10_000);
  } finally {
    index.close();
  }
}

function fileOf(site: EvidenceSite, segment: number): string {
  return join(site.dataDir, 'evidence', `segment-${String(segment).padStart(8, '0')}.zst`);
}

const hasZstd = spawnSync('zstd', ['--version']).status === 0;

/** All leaves of a segment file, in order. */
function textOf(file: string): Buffer {
  const reader = new SegmentReader(file, undefined);
  const leaves = [...reader.footer.table.keys()].map((leaf) => reader.content(leaf));
  reader.close();
  return Buffer.concat(leaves.filter((leaf) => leaf !== undefined));
}

function located(keeper: EvidenceKeeper, seq: number, site: EvidenceSite) {
  const run = site.journal.readAfter(seq - 1, 1, 1e6);
  const [header = '', payload = ''] = (run?.lines.join('') ?? '').split('\n');
  const window = evidenceWindowOf(JSON.parse(header) as EventHeader, JSON.parse(payload));
  const { reply } = keeper.answer({ type: 'locate', v: 1, window });
  if (reply.type !== 'located') throw new Error(reply.type);
  return reply;
}

/** The content of a located leaf, fetched in chunks and proved against the index's root. */
function fetched(
  keeper: EvidenceKeeper,
  site: EvidenceSite,
  at: Extract<EvidenceReply, { type: 'located' }>['leaves'][number],
): Buffer {
  const chunks: Uint8Array[] = [];
  for (let offset = 0; offset < at.frameBytes;) {
    const { segment, leaf } = at;
    const { reply, bytes } = keeper.answer({ type: 'read', v: 1, segment, leaf, offset });
    if (reply.type !== 'chunk' || bytes === undefined) throw new Error('no chunk');
    chunks.push(bytes);
    offset += bytes.length;
  }
  const content = unpackLeaf(Buffer.concat(chunks));
  const root = rowsOf(site).find(({ segment }) => segment === at.segment)?.root ?? '';
  const proof = { leafHash: leafHash(content, sha256OfBytes), index: at.leaf, size: at.leaves };
  expect(provesInclusion({ ...proof, path: at.path }, root, sha256OfBytes)).toBe(true);
  return content;
}

describe('segments', () => {
  test('hold every entry once', () => {
    const site = newSite().fill(250);
    site.append({ type: 'tick' }, { type: 'connection', device: 'reader-1', connected: true });
    const keeper = openKeeper(site);
    expect(site.settle(keeper)).toEqual(['evidence.sealed', 'evidence.sealed']);
    expect(rowsOf(site).map(({ firstPos, lastPos }) => [firstPos, lastPos])).toEqual([
      [1, 100],
      [101, 200],
    ]);
    expect(keeper.status()).toMatchObject({ coveredPos: 200, files: 2 });
    const text = textOf(fileOf(site, 1));
    const positions = positionsIn(text).sort((a, b) => a - b);
    expect(positions).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    expect(text.toString()).toContain('"payload":{"text":"{\\"epc\\":\\"3042\\",\\"n\\":1764}"}');
  });

  test.skipIf(!hasZstd)('are printed by zstd alone', () => {
    const site = newSite().fill(150);
    site.settle(openKeeper(site));
    const printed = execFileSync('zstd', ['-dcq', fileOf(site, 1)]);
    expect(printed.equals(textOf(fileOf(site, 1)))).toBe(true);
  });

  test('are the same for the same entries, however these were committed', () => {
    const roots = [1, 3, 40].map((batch) => {
      const site = newSite().fill(320, batch);
      site.settle(openKeeper(site));
      return rowsOf(site)
        .filter(({ lastPos }) => lastPos <= 320)
        .map(({ root, leaves }) => ({ root, leaves }));
    });
    expect(roots[0]).toHaveLength(3);
    expect(roots[1]).toEqual(roots[0]);
    expect(roots[2]).toEqual(roots[0]);
  });

  test('end after an hour of entry time, too', () => {
    const site = newSite().fill(50);
    const limits = { ...smallLimits, segmentMs: 30_000 };
    site.settle(openKeeper(site, { limits }));
    expect(rowsOf(site).map(({ entries }) => entries)).toContain(30);
  });

  test('keep bytes of any kind exactly', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (payload) => {
        const body = { ...reading('r', ''), payload } as IntakeEntry['body'];
        const line = entryLine({ pos: 1, receivedAtMs: 2, body });
        const { body: said } = JSON.parse(line) as { body: { payload: Record<string, string> } };
        const { text, base64 } = said.payload;
        const read = text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text);
        expect(new Uint8Array(read)).toEqual(payload);
      }),
    );
  });

  test('leaves hold one device each, so that evidence is not mixed with that of others', () => {
    const cutter = new SegmentCutter(smallLimits);
    const devices = ['a', 'b'];
    const leaves = Array.from({ length: 40 }, (_, index) =>
      cutter.add({ pos: index + 1, receivedAtMs: 0, body: reading(devices[index % 2] ?? '', 'x') }),
    ).flatMap((step) => step.leaves);
    expect(leaves.map(({ device, firstPos }) => [device, firstPos])).toEqual([
      ['a', 1],
      ['b', 2],
      ['a', 21],
      ['b', 22],
    ]);
  });
});

describe('evidence of an event', () => {
  test('is found, read in chunks and proved', () => {
    const site = newSite().fill(90);
    const seq = site.journalEvent(90, received('reader-1', site.msAt(88)));
    site.fill(200).journalNothing();
    const keeper = openKeeper(site);
    site.settle(keeper);
    const found = located(keeper, seq, site);
    expect(found).toMatchObject({ cause: 'here', segment: 1, left: 0 });
    const contents = found.leaves.map((leaf) => fetched(keeper, site, leaf).toString());
    expect(contents.some((text) => text.includes('"pos":90,'))).toBe(true);
    const ofOthers = contents
      .slice(1)
      .join('')
      .match(/"device":"reader-[^1]"/g);
    expect(ofOthers).toBeNull();
  });

  test('is there before it is sealed, without a proof', () => {
    const site = newSite().fill(30);
    const seq = site.journalEvent(30, received('reader-1', site.msAt(28)));
    const keeper = openKeeper(site);
    site.settle(keeper);
    const run = site.journal.readAfter(seq - 1, 1, 1e6);
    const header = JSON.parse(run?.lines.join('').split('\n')[0] ?? '') as EventHeader;
    const window = evidenceWindowOf(header, undefined);
    const { reply, bytes } = keeper.answer({ type: 'locate', v: 1, window });
    expect(reply).toMatchObject({ cause: 'unsealed', leaves: [] });
    expect(positionsIn(unpackLeaf(bytes ?? new Uint8Array())).at(-1)).toBe(30);
  });

  test('is printed by the gateway itself', () => {
    const site = newSite().fill(90);
    const seq = site.journalEvent(90, received('reader-1', site.msAt(88)));
    site.fill(100).journalNothing();
    site.settle(openKeeper(site));
    const { located: found, lines } = readEvidence(site.dataDir, seq);
    expect(found.cause).toBe('here');
    expect(lines.some((line) => line.includes('"pos":90,'))).toBe(true);
    expect(() => readEvidence(site.dataDir, 9999)).toThrow(/no event 9999/);
  });
});

describe('verifying', () => {
  test('finds a changed byte in any leaf, and says which entries it is among', () => {
    const site = newSite().fill(220).journalNothing();
    const keeper = openKeeper(site);
    site.settle(keeper);
    expect([...verifyEvidence(site.dataDir)].map(({ state }) => state)).toEqual(['whole', 'whole']);
    const file = fileOf(site, 2);
    const bytes = readFileSync(file);
    for (const at of [40, 300, 600]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      writeFileSync(file, changed);
      const [, finding] = [...verifyEvidence(site.dataDir)];
      expect(finding?.state).toBe('damaged');
      expect(finding?.faults).toHaveLength(1);
      expect(finding?.faults[0]).toMatch(
        /segment-00000002\.zst: leaf \d+ at byte \d+, entries 1\d\d to \d+ of reader-\d/,
      );
      const offset = Number(/at byte (\d+)/.exec(finding?.faults[0] ?? '')?.[1]);
      expect(offset).toBeLessThanOrEqual(at);
    }
  });

  test('believes the journal, not the files: a forged segment with a forged index is found', () => {
    const site = newSite().fill(120).journalNothing();
    site.settle(openKeeper(site));
    const forger = newSite().fill(100, 7, ['another']).journalNothing();
    forger.fill(20);
    forger.settle(openKeeper(forger));
    writeFileSync(fileOf(site, 1), readFileSync(fileOf(forger, 1)));
    const index = openEvidenceIndex(site.dataDir);
    const [own, forged] = [rowsOf(site)[0], rowsOf(forger)[0]];
    if (own === undefined || forged === undefined) throw new Error('no segment');
    index.putSegment({ ...own, root: forged.root, fileBytes: forged.fileBytes });
    index.close();
    expect([...verifyEvidence(site.dataDir)][0]).toMatchObject({
      state: 'damaged',
      root: own.root,
    });
  });

  test('a footer that is cut or changed is damage, not a crash', () => {
    const site = newSite().fill(120).journalNothing();
    const keeper = openKeeper(site);
    site.settle(keeper);
    const file = fileOf(site, 1);
    const bytes = readFileSync(file);
    for (const cut of [0, 3, 20, bytes.length - 1]) {
      writeFileSync(file, bytes.subarray(0, cut));
      expect([...verifyEvidence(site.dataDir)][0]?.state).toBe('damaged');
    }
  });
});

describe('the budget', () => {
  const filled = () => {
    const site = newSite().fill(90);
    const seq = site.journalEvent(90, received('reader-1', site.msAt(88)));
    site.fill(1500).journalNothing();
    return { site, seq };
  };

  test('is kept: the oldest go first, their roots stay, and each is said', () => {
    const { site } = filled();
    const keeper = openKeeper(site, { budgetBytes: 12_000 });
    const said = site.settle(keeper);
    expect(said.filter((kind) => kind === 'evidence.pruned').length).toBeGreaterThan(3);
    expect(keeper.status().bytes).toBeLessThanOrEqual(12_000);
    const files = readdirSync(join(site.dataDir, 'evidence'));
    const onDisk = files.reduce(
      (sum, name) => sum + statSync(join(site.dataDir, 'evidence', name)).size,
      0,
    );
    const open = files.filter((name) => name.endsWith('.new'));
    expect(open.length).toBeLessThanOrEqual(1);
    expect(onDisk).toBeLessThan(12_000 + 10_000);
    const pruned = rowsOf(site).filter(({ prunedAtMs }) => prunedAtMs !== null);
    expect(pruned.length).toBeGreaterThan(3);
    for (const row of pruned) expect(row.root).toMatch(/^[0-9a-f]{64}$/);
    const newest = rowsOf(site).at(-1);
    expect(newest?.prunedAtMs).toBeNull();
  });

  test('what a posting stands on stays, and is proved against the same root', () => {
    const { site, seq } = filled();
    const keeper = openKeeper(site, { budgetBytes: 12_000 });
    site.settle(keeper);
    const [first, second] = rowsOf(site);
    expect(first?.keptLeaves).toBeGreaterThan(0);
    expect(first?.keptLeaves).toBeLessThan(first?.leaves ?? 0);
    expect(second).toMatchObject({ keptLeaves: 0, fileBytes: 0 });
    const found = located(keeper, seq, site);
    expect(found.cause).toBe('here');
    for (const leaf of found.leaves) fetched(keeper, site, leaf);
    const states = [...verifyEvidence(site.dataDir)].map(({ state }) => state);
    expect(states).not.toContain('damaged');
    expect(states).not.toContain('missing');
    // An event beside it is told what became of its evidence.
    const other = keeper.answer({
      type: 'locate',
      v: 1,
      window: { device: 'reader-2', fromMs: site.msAt(140), toMs: site.msAt(150), pos: 150 },
    });
    expect(other.reply).toMatchObject({ cause: 'pruned', segment: 2 });
  });

  test('pins end', () => {
    const { site } = filled();
    const keeper = openKeeper(site, { budgetBytes: 12_000, pinMs: 60_000 });
    site.settle(keeper);
    expect(rowsOf(site)[0]).toMatchObject({ keptLeaves: 0 });
    expect(keeper.status().pins).toBeGreaterThan(0);
    keeper.advance(site.msAt(site.pos) + 2 * 3_600_000);
    expect(keeper.status().pins).toBe(0);
  });

  test('sealing can wait while the rest goes on', () => {
    const { site } = filled();
    const keeper = openKeeper(site, { budgetBytes: 2500 });
    for (let more = true; more;) more = keeper.advance(site.msAt(site.pos), false);
    expect(keeper.status()).toMatchObject({ coveredPos: 0, bytes: 0 });
    site.settle(keeper);
    expect(keeper.status().coveredPos).toBeGreaterThan(0);
  });

  test('pinned evidence goes only when nothing else is left, and loudly', () => {
    const site = newSite();
    for (let round = 0; round < 12; round += 1) {
      site.fill(60, 7, ['reader-1']);
      site.journalEvent(site.pos, received('reader-1', site.msAt(site.pos)));
    }
    site.fill(40).journalNothing();
    const said: unknown[] = [];
    const keeper = openKeeper(site, { budgetBytes: 2500 });
    for (let more = true; more;) {
      more = keeper.advance(site.msAt(site.pos));
      said.push(...keeper.takeNotices().map(({ notice }) => notice.payload));
    }
    expect(keeper.status().bytes).toBeLessThanOrEqual(2500);
    expect(said).toContainEqual(expect.objectContaining({ pinned: true }));
  });

  test('evidence makes room when the disk has none', () => {
    const { site } = filled();
    let free = 2 ** 30;
    const keeper = openKeeper(site, { floorBytes: 1000, freeBytes: () => free });
    site.settle(keeper);
    const before = keeper.status().bytes;
    free = 500;
    keeper.advance(site.msAt(site.pos));
    expect(keeper.status().bytes).toBeLessThan(before);
  });

  test('a file that somebody removed does not stop pruning', () => {
    const { site } = filled();
    const keeper = site.keeper();
    site.settle(keeper);
    rmSync(fileOf(site, 1));
    keeper.close();
    const again = site.keeper({ budgetBytes: 12_000 });
    site.settle(again);
    expect(again.status().bytes).toBeLessThanOrEqual(12_000);
    rmSync(fileOf(site, rowsOf(site).at(-1)?.segment ?? 0));
    again.close();
    const last = openKeeper(site, { budgetBytes: 100 });
    site.settle(last);
    expect(last.status().bytes).toBeLessThanOrEqual(100);
  });

  test('nothing goes whose postings are not known yet', () => {
    const site = newSite().fill(500);
    const keeper = openKeeper(site, { budgetBytes: 1 });
    for (let more = true; more;) more = keeper.advance(site.msAt(site.pos));
    expect(keeper.status().files).toBe(4);
    site.journalNothing();
    for (let more = true; more;) more = keeper.advance(site.msAt(site.pos));
    expect(keeper.status().files).toBe(0);
  });
});

describe('what cannot be kept', () => {
  test('is given up with its positions, and sealing goes on behind it', () => {
    const site = newSite().fill(150);
    const keeper = openKeeper(site);
    site.settle(keeper);
    keeper.giveUp(140);
    const [{ notice } = { notice: undefined }] = keeper.takeNotices();
    expect(notice).toEqual({
      kind: 'evidence.lost',
      payload: { firstPos: 101, lastPos: 140, reason: 'intake-budget' },
    });
    site.fill(200);
    site.settle(keeper);
    expect(rowsOf(site).map(({ firstPos, lastPos }) => [firstPos, lastPos])).toContainEqual([
      141, 240,
    ]);
  });

  test('an intake log that begins later is a gap that is said', () => {
    const site = newSite().fill(150);
    const first = openKeeper(site);
    site.settle(first);
    site.fill(150);
    site.intake.trim(200, 0);
    const said: unknown[] = [];
    for (let more = true; more;) {
      more = first.advance(site.msAt(site.pos));
      said.push(...first.takeNotices().map(({ notice }) => notice));
    }
    const from = site.intake.firstPos();
    expect(said).toContainEqual({
      kind: 'evidence.lost',
      payload: { firstPos: 101, lastPos: from - 1, reason: 'intake-missing' },
    });
  });

  test('a gateway that is upgraded begins with what its intake log still has', () => {
    const site = newSite().fill(150);
    site.intake.trim(70, 0);
    const said = site.settle(openKeeper(site));
    expect(said).not.toContain('evidence.lost');
  });

  test('a lost index is made anew from files and journal, and no number is used twice', () => {
    const site = newSite().fill(320).journalNothing();
    const keeper = site.keeper({ budgetBytes: 9000 });
    site.settle(keeper);
    const before = rowsOf(site);
    keeper.close();
    for (const end of ['', '-wal', '-shm'])
      rmSync(join(site.dataDir, `evidence.db${end}`), { force: true });
    site.fill(100).journalNothing();
    const again = openKeeper(site, { budgetBytes: 9000 });
    site.settle(again);
    const after = rowsOf(site);
    for (const row of before) {
      const now = after.find(({ segment }) => segment === row.segment);
      expect(now?.root).toBe(row.root);
    }
    expect(new Set(after.map(({ segment }) => segment)).size).toBe(after.length);
    expect(after.length).toBeGreaterThan(before.length);
  });
});
