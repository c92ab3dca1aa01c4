import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { eventHash, genesisHash, type EpochIdentity } from '#contracts/chain.ts';
import { encodeCanonical, type CanonicalRecord } from '#contracts/canonical.ts';
import { genesisOf, linkHash } from './chain-proof.ts';
import { EffectsFold, effectKey } from './effects-fold.ts';
import type { HubLine, IntakeLine, JournalLine, StockRow } from './evidence.ts';
import { HubFold } from './hub-fold.ts';
import { IntakeFold } from './intake-fold.ts';
import { JournalFold } from './journal-fold.ts';
import { quarantineFindings } from './quarantine-findings.ts';
import { silentFindings } from './silent-findings.ts';
import { StockFold } from './stock-fold.ts';
import { isClean, judge } from './verdict.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const gateway = 'gateway-1';
const epoch: EpochIdentity = {
  gateway,
  id: '0'.repeat(32),
  ordinal: 1,
  parent: null,
  site: 'site-1',
  startedAt: 1_790_000_000_000,
  tenant: 'main',
};
const identity = encodeCanonical(epoch);
const serial = '3074257BF7194E4000001A85';

interface Told {
  readonly kind: string;
  readonly device?: string;
  readonly payload: CanonicalRecord;
}

function received(times = 1): Told {
  const lines = [
    { type: 'supplier', quantity: -times },
    { type: 'zone', quantity: times },
  ].map(({ type, quantity }) => ({
    account: type === 'zone' ? { type, zone: 'dock', status: 'receiving' } : { type },
    item: '00614141123452',
    owner: 'own',
    quantity,
    serials: [serial],
  }));
  return { kind: 'stock.received', payload: { lines } };
}

const passed: Told = {
  kind: 'portal.passed',
  device: 'zebra-2',
  payload: { epc: serial, portal: 'ship-door', reads: 5 },
};
const gapped: Told = {
  kind: 'device.gap',
  device: 'line-1',
  payload: { channels: 3, fromMs: 1000, reason: 'server-restart', toMs: 4000 },
};
const counted: Told = {
  kind: 'counter.advanced',
  device: 'line-1',
  payload: { counter: 'processed', from: 0, step: 'advance', to: 7, units: 7 },
};

const scanned = (scan: string): Told => ({
  kind: 'scan.read',
  device: 'scanner-1',
  payload: { code: { elements: [], form: 'text', text: 'SHELF 1' }, scan },
});
const eye = (level: string): Told => ({
  kind: 'input.changed',
  device: 'impinj-1',
  payload: { input: 'gpi-1', level },
});

/** A journal whose chain holds. */
function journalOf(told: readonly Told[]): JournalLine[] {
  let previous = genesisOf(identity);
  return told.map(({ kind, device, payload: fields }, index) => {
    const seq = index + 1;
    const header = encodeCanonical({ device, epoch: 1, gateway, kind, seq, site: 'site-1' });
    const payload = encodeCanonical(fields);
    previous = linkHash(previous, header, payload);
    return { seq, header, payload, hash: previous };
  });
}

function hubOf(journal: readonly JournalLine[]): HubLine[] {
  return journal.map(({ seq, hash, header, payload }) => {
    const { kind } = JSON.parse(header) as { kind: string };
    const { lines = [] } = JSON.parse(payload) as { lines?: unknown[] };
    return { gateway, epoch: 1, seq, kind, hash, state: 'applied', lines };
  });
}

const shown: StockRow[] = [
  {
    site: 'site-1',
    zone: 'dock',
    status: 'receiving',
    owner: 'own',
    item: '00614141123452',
    lot: null,
    handlingUnit: null,
    quantity: 1,
  },
];
const payload = Buffer.from('{"epcHex":"30"}');
const intake: IntakeLine[] = [
  { pos: 7, type: 'boot' },
  {
    pos: 8,
    type: 'message',
    device: 'impinj-1',
    payload: payload.toString('base64'),
    sha256: sha256(payload.toString()),
  },
];
const acknowledged = [{ gateway, device: 'impinj-1', sha256: sha256(payload.toString()) }];

interface Case {
  told?: readonly Told[];
  intake?: readonly IntakeLine[];
  acknowledged?: typeof acknowledged;
  tamper?: (journal: JournalLine[]) => JournalLine[];
  hub?: (lines: HubLine[]) => HubLine[];
  stock?: readonly StockRow[];
  blind?: Parameters<JournalFold['findings']>[0];
  /** Scans of SHELF 1 that were acknowledged. */
  scans?: number;
}

function check(given: Case) {
  const stock = new StockFold();
  const effects = new EffectsFold();
  const journal = new JournalFold(gateway, identity, stock, effects);
  const lines = journalOf(given.told ?? [received(), passed, gapped, counted]);
  for (const line of given.tamper?.(lines.map((one) => ({ ...one }))) ?? lines) journal.add(line);
  const hub = new HubFold();
  for (const line of (given.hub ?? ((all) => all))(hubOf(lines))) hub.add(line);
  const intakeFold = new IntakeFold(gateway);
  for (const line of given.intake ?? intake) intakeFold.add(line);
  const world = {
    portalReads: new Map([[effectKey(gateway, 'ship-door', serial), 5]]),
    unitsMade: new Map([[effectKey(gateway, 'line-1', 'processed'), 7]]),
    scansMade: new Map([[effectKey(gateway, 'scanner-1', 'SHELF 1'), 2]]),
    scansAcknowledged: new Map([[effectKey(gateway, 'scanner-1', 'SHELF 1'), given.scans ?? 0]]),
    inputChanges: new Map([[effectKey(gateway, 'impinj-1', 'gpi-1'), 2]]),
  };
  return judge([
    ...intakeFold.findings(given.acknowledged ?? acknowledged),
    ...journal.findings(given.blind ?? []),
    ...hub.findings([journal]),
    ...stock.findings(given.stock ?? shown),
    ...effects.findings(world),
    ...effects.lostScans(world),
  ]);
}

test('what is whole is found whole', () => {
  const verdict = check({});
  expect(verdict.findings).toEqual([]);
  expect(isClean(verdict)).toBe(true);
});

test("the checker's own hash agrees with the contract's", () => {
  expect(genesisOf(identity)).toBe(genesisHash(epoch, sha256));
  const [event] = journalOf([received()]);
  const { header = '', payload: text = '' } = event ?? {};
  const before = 'ab'.repeat(32);
  const erased = `#${sha256(text)}`;
  expect(linkHash(before, header, text)).toBe(eventHash(before, { header, payload: text }, sha256));
  expect(linkHash(before, header, erased)).toBe(linkHash(before, header, text));
});

describe('finds as lost', () => {
  test('an acknowledged message that is not in the intake log', () => {
    const more = [...acknowledged, { gateway, device: 'impinj-1', sha256: 'f'.repeat(64) }];
    expect(check({ acknowledged: more })).toMatchObject({ lost: 1, doubled: 0, chain: 'ok' });
  });

  test('one of two equal messages, of which one is there', () => {
    const twice = [...acknowledged, ...acknowledged];
    expect(check({ acknowledged: twice })).toMatchObject({ lost: 1, doubled: 0 });
    const [boot, message] = intake;
    const both = [boot, message, { ...message, pos: 9 }] as IntakeLine[];
    expect(isClean(check({ acknowledged: twice, intake: both }))).toBe(true);
  });

  test('a message that is there for another device only', () => {
    const [first] = acknowledged;
    const other = first === undefined ? [] : [{ ...first, device: 'impinj-3' }];
    expect(check({ acknowledged: other }).lost).toBe(1);
  });

  test('a message whose bytes are not those that were sent, whatever hash stands beside them', () => {
    const changed = intake.map((line) =>
      typeof line.payload === 'string'
        ? { ...line, payload: Buffer.from('{"epcHex":"31"}').toString('base64') }
        : line,
    );
    expect(check({ intake: changed }).lost).toBe(1);
  });

  test('a hole in the intake log', () => {
    expect(check({ intake: [...intake, { pos: 11, type: 'tick' }] }).lost).toBe(1);
  });

  test('a journal event that the hub does not have', () => {
    expect(check({ hub: (lines) => lines.filter(({ seq }) => seq !== 2) })).toMatchObject({
      lost: 1,
      doubled: 0,
    });
  });

  test('an event that the hub keeps in quarantine', () => {
    const one = (lines: HubLine[]) =>
      lines.map((line) => (line.seq === 3 ? { ...line, state: 'quarantined' } : line));
    expect(check({ hub: one }).lost).toBe(1);
  });

  test('ledger lines that the hub has not applied', () => {
    const half = (lines: HubLine[]) =>
      lines.map((line) => ({ ...line, lines: line.lines.slice(0, 1) }));
    expect(check({ hub: half })).toMatchObject({ lost: 1, doubled: 0 });
  });

  test('a scan that was acknowledged and is in no journal', () => {
    const told = [received(), scanned('a')];
    expect(check({ told, scans: 2 })).toMatchObject({ lost: 1, doubled: 0 });
    expect(isClean(check({ told: [...told, scanned('b')], scans: 2 }))).toBe(true);
  });

  test('stock that the hub does not show', () => {
    expect(check({ stock: [] })).toMatchObject({ lost: 1, doubled: 0 });
  });
});

describe('finds as doubled', () => {
  test('an event that the hub committed twice', () => {
    expect(check({ hub: (lines) => [...lines, ...lines.slice(0, 1)] }).doubled).toBe(1);
  });

  test('ledger lines that the hub applied twice', () => {
    const twice = (lines: HubLine[]) =>
      lines.map((line) => ({ ...line, lines: [...line.lines, ...line.lines] }));
    expect(check({ hub: twice })).toMatchObject({ lost: 0, doubled: 1 });
  });

  test('an event at the hub that is in no journal', () => {
    const kind = 'tag.moved';
    const more = {
      gateway,
      epoch: 2,
      seq: 1,
      kind,
      hash: 'a'.repeat(64),
      state: 'applied',
      lines: [],
    };
    expect(check({ hub: (lines) => [...lines, more] }).doubled).toBe(1);
  });

  test('a serial that was received twice', () => {
    const twice = shown.map((row) => ({ ...row, quantity: 2 }));
    expect(check({ told: [received(), received()], stock: twice })).toMatchObject({
      lost: 0,
      doubled: 1,
    });
  });

  test('stock of which the hub shows more than the journals say', () => {
    const more = shown.map((row) => ({ ...row, quantity: 2 }));
    expect(check({ stock: more })).toMatchObject({ lost: 0, doubled: 1 });
  });

  test('reads that were counted again after they were delivered again', () => {
    expect(check({ told: [received(), passed, passed] })).toMatchObject({ doubled: 1 });
  });

  test('a scan that was applied twice, by the id that its scanner made', () => {
    expect(check({ told: [received(), scanned('a'), scanned('a')] }).doubled).toBe(1);
  });

  test('a scan that nobody made', () => {
    const told = [received(), ...['a', 'b', 'c'].map(scanned)];
    expect(check({ told })).toMatchObject({ lost: 0, doubled: 1 });
  });

  test('changes of an input that never were', () => {
    const told = [received(), ...['high', 'low', 'high'].map(eye)];
    expect(check({ told })).toMatchObject({ lost: 0, doubled: 1 });
  });

  test('units that a conveyor never made', () => {
    expect(check({ told: [received(), counted, counted] })).toMatchObject({ doubled: 1 });
  });
});

describe('finds as a broken chain', () => {
  const tampered = (change: (line: JournalLine) => JournalLine) => (journal: JournalLine[]) =>
    journal.map((line) => (line.seq === 2 ? change(line) : line));

  test('a payload that was changed', () => {
    const verdict = check({
      tamper: tampered((line) => ({ ...line, payload: line.payload.replace('5', '4') })),
    });
    expect(verdict.chain).toBe('broken');
  });

  test('a hash that was changed', () => {
    const verdict = check({ tamper: tampered((line) => ({ ...line, hash: 'c'.repeat(64) })) });
    expect(verdict.chain).toBe('broken');
  });

  test('an event that was taken out', () => {
    const verdict = check({ tamper: (journal) => journal.filter(({ seq }) => seq !== 2) });
    expect(verdict.chain).toBe('broken');
  });

  test('a hub that holds another event under the same position', () => {
    const other = (lines: HubLine[]) =>
      lines.map((line) => (line.seq === 2 ? { ...line, hash: 'd'.repeat(64) } : line));
    expect(check({ hub: other }).chain).toBe('broken');
  });

  test('a journal that belongs to another epoch', () => {
    const journal = new JournalFold(
      gateway,
      encodeCanonical({ ...epoch, id: '1'.repeat(32) }),
      new StockFold(),
      new EffectsFold(),
    );
    for (const line of journalOf([received()])) journal.add(line);
    expect(judge(journal.findings([])).chain).toBe('broken');
  });
});

describe('finds as a missing gap', () => {
  const blind = { gateway, device: 'line-1', fromMs: 2000, toMs: 3000, cause: 'server restart' };

  test('a fault of a polled device that no event admits', () => {
    expect(check({ told: [received()], blind: [blind] }).missingGaps).toBe(1);
    expect(check({ blind: [{ ...blind, fromMs: 9000, toMs: 9500 }] }).missingGaps).toBe(1);
    expect(check({ blind: [{ ...blind, device: 'sorter-1' }] }).missingGaps).toBe(1);
  });

  test('but not one that the event of the device spans', () => {
    expect(isClean(check({ blind: [blind] }))).toBe(true);
  });
});

test('while journals grow, only what the hub had said to be committed must be there', () => {
  const journal = new JournalFold(gateway, identity, new StockFold(), new EffectsFold());
  const lines = journalOf([received(), passed, counted]);
  for (const line of lines) journal.add(line);
  const hub = new HubFold();
  for (const line of hubOf(lines).slice(0, 1)) hub.add(line);
  expect(hub.findings([journal], new Map([[gateway, 1]]))).toEqual([]);
  expect(hub.findings([journal], new Map([[gateway, 2]]))).toHaveLength(1);
});

test('stock that the hub posted after the journals were read is noticed, and no fault', () => {
  const journal = new JournalFold(gateway, identity, new StockFold(), new EffectsFold());
  const lines = journalOf([passed, counted, received()]);
  for (const line of lines.slice(0, 1)) journal.add(line);
  const hub = new HubFold();
  const all = hubOf(lines);
  for (const line of all.slice(0, 2)) hub.add(line);
  expect(hub.postedLater([journal])).toBe(false);
  for (const line of all.slice(2)) hub.add(line);
  expect(hub.postedLater([journal])).toBe(true);
  expect(hub.findings([journal])).toEqual([]);
});

describe('reading on, while everything runs', () => {
  test('a message stands for one promise, whenever that is looked up', () => {
    const fold = new IntakeFold(gateway);
    for (const line of intake) fold.add(line);
    expect(fold.findings(acknowledged)).toEqual([]);
    expect(fold.lastPos).toBe(8);
    expect(fold.findings(acknowledged)).toHaveLength(1);
    expect(fold.findings([])).toHaveLength(1);
    expect(fold.promises).toBe(2);
  });

  test('what is alike in both is forgotten, and a second commit of it is found all the same', () => {
    const journal = new JournalFold(gateway, identity, new StockFold(), new EffectsFold());
    const lines = journalOf([received(), passed]);
    const hub = new HubFold();
    const [first, second] = hubOf(lines);
    if (first === undefined || second === undefined) throw new Error('two events');
    for (const line of lines) journal.add(line);
    hub.add({ ...first, position: 41 });
    hub.settle([journal]);
    expect([...journal.hashes.keys()]).toEqual([2]);
    expect(hub.lastPosition).toBe(41);
    expect(hub.findings([journal], new Map([[gateway, 1]]))).toEqual([]);
    hub.add({ ...second, position: 42 });
    hub.settle([journal]);
    expect(hub.findings([journal])).toEqual([]);
    hub.add({ ...first, position: 43 });
    expect(hub.findings([journal])).toMatchObject([{ kind: 'doubled' }]);
  });

  test('what differs is not forgotten', () => {
    const journal = new JournalFold(gateway, identity, new StockFold(), new EffectsFold());
    const lines = journalOf([received()]);
    for (const line of lines) journal.add(line);
    const hub = new HubFold();
    for (const line of hubOf(lines)) hub.add({ ...line, lines: [] });
    hub.settle([journal]);
    expect(hub.findings([journal])).toMatchObject([{ kind: 'lost' }]);
  });
});

test('a device counts as seen from its first session on', () => {
  const fold = new IntakeFold(gateway);
  const connection = { type: 'connection', device: 'line-1' } as const;
  fold.add({ ...connection, pos: 1, receivedAtMs: 500, connected: false });
  fold.add({ ...connection, pos: 2, receivedAtMs: 1000, connected: true });
  fold.add({ ...connection, pos: 3, receivedAtMs: 2000, connected: true });
  expect(fold.wasSeenBefore('line-1', 900)).toBe(false);
  expect(fold.wasSeenBefore('line-1', 1500)).toBe(true);
  expect(fold.wasSeenBefore('line-2', 1500)).toBe(false);
});

test('a device of which nothing came, though its gateway was there, is found', () => {
  const fold = new IntakeFold(gateway);
  for (const line of intake) fold.add(line);
  const given = (device: string, messages: number, polled = false) => {
    return { gateway, device, messages, polled };
  };
  expect(silentFindings([given('impinj-1', 3), given('zebra-2', 0)], [fold])).toEqual([]);
  const readerIn = (lifeMs: number) => {
    const reading = new IntakeFold(gateway);
    reading.add({ pos: 1, type: 'boot', receivedAtMs: 1000 });
    reading.add({ pos: 2, type: 'tick', receivedAtMs: 1000 + lifeMs });
    return silentFindings([given('autoid-1', 3, true)], [reading]);
  };
  expect(readerIn(5000)).toEqual([]);
  expect(readerIn(60_000)).toHaveLength(1);
  const verdict = judge(silentFindings([given('tasmota-1', 2)], [fold]));
  expect(verdict).toMatchObject({ lost: 0, doubled: 0 });
  expect(isClean(verdict)).toBe(false);
});

test('a message that a gateway could not read is found, and said with its reason', () => {
  const message = {
    device: 'line-1',
    channel: 'state',
    reason: 'unknown-message',
    detail: 'no machine state: 0',
    bytes: 42,
    sha256: sha256('it'),
    headBase64: '',
  };
  const verdict = judge(quarantineFindings(gateway, [message]));
  expect(isClean(verdict)).toBe(false);
  expect(verdict.findings[0]?.what).toMatch(
    /^gateway-1: line-1 state: unknown-message, no machine/,
  );
  expect(isClean(judge(quarantineFindings(gateway, [])))).toBe(true);
});
