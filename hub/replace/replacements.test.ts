import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { restoreAnswerText, restoreRequestText } from '#contracts/replacement.ts';
import { bookRows, type BookRows } from '#contracts/site-book.ts';
import { validate } from '#contracts/validate.ts';
import { withTokens } from '../enrol/enrolment-tokens.ts';
import type { EnrolmentTokenTable } from '../enrol/enrol-tables.ts';
import { IntakeRig } from '../intake/testing/intake-rig.ts';
import { JournalFixture, type SaidEvent } from '../intake/testing/journal-fixture.ts';
import { newHubKey, quiet } from '../intake/testing/test-hub.ts';
import { parseVerifyKey } from '../intake/wire-crypto.ts';
import { openHubStore } from '../open-hub-store.ts';
import type { Store } from '../store/store.ts';
import { Replacements } from './replacements.ts';
import { partsOf } from './restore-content.ts';

const enrolledAt = Date.UTC(2026, 0, 6, 12);
const key = newHubKey();
let folder = '';
let store: Store;
let rig: IntakeRig;
let journal: JournalFixture;
let replacements: Replacements;
const begun: string[] = [];

function received(quantity: number): SaidEvent {
  const of = { item: 'bolt', owner: 'own' };
  const zone = { status: 'available', type: 'zone', zone: 'storage' };
  return {
    kind: 'stock.received',
    payload: {
      evidence: { agreed: ['person'], certaintyPermille: 990 },
      lines: [
        { account: { type: 'supplier' }, ...of, quantity: -quantity },
        { account: zone, ...of, quantity },
      ],
    },
  };
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hf-replace-'));
  const clock = { nowMs: () => enrolledAt, monotonicMs: () => enrolledAt };
  store = await openHubStore({ file: join(folder, 'hub.db'), clock, log: quiet });
  rig = new IntakeRig(store);
  journal = new JournalFixture('north', 'gw-1').add(received(5), received(2));
  await rig.welcome(journal);
  begun.length = 0;
  replacements = new Replacements({
    store,
    tenant: 'main',
    key,
    begun: (_, { gateway }) => Promise.resolve(void begun.push(gateway)),
    clock,
    log: quiet,
  });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Somebody let this box in, in the place of another. */
async function letIn(): Promise<void> {
  const token: EnrolmentTokenTable = {
    id: 'a'.repeat(16),
    public_key: 'U',
    purpose: 'replace',
    site: 'north',
    gateway: 'gw-1',
    created_at: 0,
    expires_at: enrolledAt,
    used_at: enrolledAt,
    used_nkey: 'U',
    used_signing_key: journal.signingKey,
    revoked_at: null,
  };
  await store.write(({ db }) =>
    withTokens(db).insertInto('enrolment_token').values(token).execute(),
  );
}

const ask = (offset = 0, box = journal, form?: 2) => {
  const { gateway, site } = journal.address;
  const of = form === undefined ? {} : { form };
  const words = { ...of, gateway, offset, site, tenant: 'main', v: 1 as const };
  return replacements.answer({ ...words, signature: box.sign(restoreRequestText(words)) });
};

/** Asks until the book is there. */
const asked = (form?: 2) =>
  vi.waitFor(async () => {
    const said = await ask(0, journal, form);
    if (!said.ok || said.value.answer.type !== 'chunk') throw new Error('not yet');
    const hub = parseVerifyKey(key.publicKey);
    const { answer, signature } = said.value;
    expect(hub.ok && hub.value.verify(restoreAnswerText(answer), signature)).toBe(true);
    return answer;
  });

const accountsIn = (chunk: string) => partsIn(chunk).flatMap(({ accounts }) => accounts);
const tasksIn = (chunk: string) => partsIn(chunk).flatMap(({ tasks }) => tasks);

function partsIn(chunk: string): BookRows[] {
  const text = zstdDecompressSync(Buffer.from(chunk, 'base64')).toString('utf8');
  const [, ...parts] = text.trim().split('\n');
  return parts.map((line) => JSON.parse(line) as BookRows);
}

describe('what a new box is given', () => {
  test('is the book at the last event that came in, the same however often it asks', async () => {
    await rig.apply(journal, journal.batch(1, 2));
    await letIn();
    expect(await ask()).toMatchObject({ value: { answer: { type: 'waiting' } } });
    const first = await asked();
    expect(first.manifest).toMatchObject({
      parent: { ordinal: 1, seq: 2, hash: journal.hashAt(2) },
      uncertainToMs: enrolledAt,
    });
    expect(first.manifest.uncertainFromMs).toBeLessThan(enrolledAt);
    expect(accountsIn(first.chunk)).toMatchObject([{ item: 'bolt', quantity: 7 }]);
    expect((await asked()).chunk).toBe(first.chunk);
    expect(begun).toEqual(['gw-1']);
    const beyond = await ask(first.manifest.content.bytes);
    expect(beyond).toMatchObject({ refusal: { code: 'BAD_INPUT' } });
  });

  test('names each document that was open as a task, for its lines are with whoever sent it', async () => {
    const of = { expected: 40, type: 'receipt', version: 1 };
    journal.add(
      { kind: 'document.opened', payload: { ...of, document: 'ASN-7', lines: 2 } },
      { kind: 'document.opened', payload: { ...of, document: 'ASN-8', lines: 2 } },
      { kind: 'document.progressed', payload: { ...of, document: 'ASN-7', lines: [], seen: 12 } },
      {
        kind: 'document.closed',
        payload: {
          ...of,
          complete: true,
          document: 'ASN-8',
          lines: [],
          reason: 'complete',
          seen: 40,
        },
      },
    );
    await rig.apply(journal, journal.batch(1, 6));
    await letIn();
    const { chunk } = await asked();
    const reason = 'receipt open when the box was replaced, 12 of 40 seen: send it again';
    expect(tasksIn(chunk)).toEqual([{ document: 'ASN-7', reason, task: 'reconcile' }]);
  });

  test('has what keeps acts and scans from counting twice, and what was used of limits', async () => {
    const by = { act: 'act-00001', person: 'p-1' };
    const of = { item: 'bolt', owner: 'own' };
    const zone = { status: 'available', type: 'zone', zone: 'storage' };
    const pack = { goods: [], parent: 'lpn:A', zone: 'storage' };
    const evidence = { agreed: ['person'], certaintyPermille: 990 };
    const lines = (quantity: number) => [
      { account: zone, ...of, quantity },
      { account: { type: 'scrap' }, ...of, quantity: -quantity },
    ];
    const code = { elements: [], form: 'text', text: 'ABC' };
    const refused = { act: 'act-00003', code: 'beyond-balance', detail: '', person: 'p-1' };
    journal.add(
      { kind: 'unit.packed', payload: { ...pack, by } },
      { kind: 'stock.received', payload: { by, evidence, lines: lines(4) } },
      {
        kind: 'stock.adjusted',
        payload: { by: { ...by, act: 'act-00002' }, evidence, lines: lines(-3), reason: 'damaged' },
      },
      { kind: 'stock.adjusted', payload: { evidence, lines: lines(-1), reason: 'damaged' } },
      { kind: 'act.refused', payload: { ...refused, type: 'move' } },
      { kind: 'scan.read', device: 'gun-1', payload: { code, scan: 'scan-0001' } },
      { kind: 'person.revoked', payload: { person: 'p-2', revokedAt: 7 } },
    );
    await rig.apply(journal, journal.batch(1, journal.seq));
    await letIn();
    const parts = partsIn((await asked(2)).chunk);
    const all = (name: 'acts' | 'scans' | 'uses' | 'revocations') =>
      parts.flatMap((part): unknown[] => part[name] ?? []);
    const atMs = (seq: number) => Date.UTC(2026, 0, 5, 8) + seq * 1000;
    const act = (id: string, type: string, seq: number, outcome = 'applied') => {
      const times = { actedAt: atMs(seq), receivedAt: atMs(seq) };
      return { act: id, ...times, outcome, person: 'p-1', type };
    };
    expect(all('acts')).toEqual([
      act('act-00001', 'receive', 4),
      act('act-00002', 'adjust', 5),
      act('act-00003', 'move', 7, 'beyond-balance'),
    ]);
    const digest = 'b5d4045c3f466fa9';
    expect(all('scans')).toEqual([{ code: digest, device: 'gun-1', scan: 'scan-0001' }]);
    expect(all('uses')).toEqual([{ item: 'bolt', person: 'p-1', receivedAt: atMs(5), units: 3 }]);
    expect(all('revocations')).toEqual([{ person: 'p-2', revokedAt: 7 }]);
    for (const part of parts) expect(validate(bookRows, part).ok).toBe(true);
  });

  test('is of the form that a box of the release before understands, unless it asks for more', async () => {
    journal.add({ kind: 'person.revoked', payload: { person: 'p-2', revokedAt: 7 } });
    await rig.apply(journal, journal.batch(1, 3));
    await letIn();
    for (const part of partsIn((await asked()).chunk)) {
      expect(Object.keys(part).toSorted()).toEqual(['accounts', 'serials', 'tasks', 'units']);
    }
  });

  test('is nothing without a token for a replacement, or for another key', async () => {
    await rig.apply(journal, journal.batch(1, 2));
    expect(await ask()).toMatchObject({ refusal: { code: 'NOT_ALLOWED' } });
    await letIn();
    const stranger = await ask(0, new JournalFixture('south', 'gw-2'));
    expect(stranger).toMatchObject({ refusal: { code: 'SIGNATURE_INVALID' } });
    expect(begun).toEqual([]);
  });

  test('is nothing any more once the journal has begun', async () => {
    await rig.apply(journal, journal.batch(1, 2));
    await letIn();
    const { manifest } = await asked();
    const next = new JournalFixture('north', 'gw-1', { parent: manifest.parent });
    expect(await rig.hello(next)).toMatchObject({ state: 'open', epoch: 2 });
    expect(await ask()).toMatchObject({ refusal: { code: 'CONFLICT' } });
  });

  test('is a beginning as the first box where the former one never sent anything', async () => {
    await store.write(({ db }) => db.deleteFrom('lane').execute());
    await letIn();
    expect(await ask()).toMatchObject({ value: { answer: { type: 'nothing' } } });
  });
});

describe('a lane that two histories halted', () => {
  test('goes on with the box that somebody let in, and with no other epoch', async () => {
    await rig.apply(journal, journal.batch(1, 2));
    const clone = new JournalFixture('north', 'gw-1').add(received(1));
    expect(await rig.hello(clone)).toMatchObject({ state: 'halted' });
    const parent = { ordinal: 1, seq: 2, hash: journal.hashAt(2) };
    const next = new JournalFixture('north', 'gw-1', { parent });
    expect(await rig.hello(next)).toMatchObject({ state: 'halted', epoch: 1 });
    await letIn();
    await asked();
    expect(await rig.hello(next)).toMatchObject({ state: 'open', epoch: 2, committed: 0 });
    expect(await rig.hello(journal)).toMatchObject({ state: 'halted', epoch: 2 });
  });
});

describe('the parts of a book', () => {
  test('hold all rows once, in parts that an intake entry can take, with the tasks at the end', () => {
    const of = { item: 'bolt', owner: 'own' };
    const many = Array.from({ length: 2_500 }, (_, n) => ({ n }));
    const rows: BookRows = {
      accounts: many.map(({ n }) => ({ ...of, quantity: n + 1, status: 'available', zone: 'a' })),
      serials: many.map(({ n }) => ({ ...of, epc: `${n}`, status: 'available', zone: 'a' })),
      tasks: [{ reason: 'x', task: 'recount' }],
      units: many.map(({ n }) => ({
        goods: [],
        serials: [{ epc: `${n}` }],
        unit: `lpn:${n}`,
        zone: 'a',
      })),
    };
    const parts = partsOf(rows);
    for (const name of ['accounts', 'serials', 'tasks', 'units'] as const) {
      expect(parts.flatMap((part): unknown[] => part[name])).toEqual(rows[name]);
    }
    expect(Math.max(...parts.map((part) => part.accounts.length + part.units.length))).toBe(1_000);
    expect(parts.findIndex((part) => part.tasks.length > 0)).toBe(parts.length - 1);
  });
});
