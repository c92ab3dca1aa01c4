import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCanonical, encodeCanonical, type Canonical } from '#contracts/canonical.ts';
import { eventHeader, type EventDraft } from '#contracts/envelope.ts';
import { eventKinds } from '#contracts/event-kinds.ts';
import type { EvidenceNotice } from '#contracts/evidence.ts';
import { validate } from '#contracts/validate.ts';
import type { SiteConfig } from '../config/gateway-config.ts';
import type { IntakeBody, IntakeEntry } from '../intake/intake-entry.ts';
import { restoreObserver, type Observer } from './observer.ts';
import type { StateRow } from './state-row.ts';
import * as site from './testing/test-site.ts';

const { startMs, testSite } = site;
const tagIds = [...site.epcs, site.ssccEpc, site.foreignEpc, '000000000000000000000000', 'ABC'];
const devices = ['dock', 'shelf', 'belt', 'bridge', 'gun', 'stranger'];

const variants: readonly SiteConfig[] = [
  testSite,
  {
    ...testSite,
    observe: { minReads: 1, absentAfterMs: 4000, moveReads: 1, passWindowMs: 500 },
    posting: { receive: 'unverified', move: 'unverified', ship: 'unverified', confirmReads: 1 },
  },
  {
    ...testSite,
    zones: testSite.zones.map(({ id, status }) => ({ id, status })),
    posting: { receive: 'task', move: 'task', ship: 'task', confirmReads: 3 },
    devices: testSite.devices.filter(({ id }) => id !== 'shelf'),
  },
];

/** A body as a function of the entry's time, since devices say times near their own. */
type BodyAt = (atMs: number) => IntakeBody;

const epc = fc.constantFrom(...tagIds);
/** How far a device's time is from the time of receipt: near, buffered, ahead, or absurd. */
const late = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 3000 }) },
  { weight: 2, arbitrary: fc.constantFrom(60_000, 3_600_000, -60_000) },
  { weight: 1, arbitrary: fc.constantFrom(-86_400_000, 50 * 365 * 86_400_000, 8e15, -8e15) },
);

const reads: fc.Arbitrary<BodyAt> = fc.oneof(
  fc
    .record({ epc, antenna: fc.integer({ min: 1, max: 3 }), late, timed: fc.boolean() })
    .chain((read) =>
      fc
        .option(fc.oneof(fc.integer({ min: -8000, max: -3000 }), fc.constantFrom(-1e12, 1e12)), {
          nil: undefined,
        })
        .map((rssiCdbm) => {
          return (atMs: number) =>
            site.impinjBody({
              epc: read.epc,
              antenna: read.antenna,
              ...(rssiCdbm === undefined ? {} : { rssiCdbm }),
              ...(read.timed ? { atMs: atMs - read.late } : {}),
            });
        }),
    ),
  fc
    .record({
      epc,
      antenna: fc.integer({ min: 1, max: 4 }),
      late,
      reads: fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: 0, max: 20 }) },
        { weight: 1, arbitrary: fc.constant(Number.MAX_SAFE_INTEGER) },
      ),
      number: fc.integer({ min: 1, max: 9999 }),
    })
    .map((read) => (atMs: number) => site.zebraBody({ ...read, atMs: atMs - read.late })),
);

const machines: fc.Arbitrary<BodyAt> = fc.oneof(
  fc
    .record({
      value: fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: -3, max: 300 }) },
        { weight: 6, arbitrary: fc.integer({ min: 65_000, max: 65_535 }) },
        { weight: 1, arbitrary: fc.maxSafeInteger() },
      ),
      late,
    })
    .map(
      ({ value, late }) =>
        (atMs: number) =>
          site.counterBody(value, atMs - late),
    ),
  fc.integer({ min: 0, max: 4 }).map((value) => () => site.stateBody(value)),
  fc
    .record({ condition: fc.constantFrom('s=Jam', 's=Heat'), active: fc.boolean() })
    .map((of) => () => site.alarmBody(of)[0] ?? { type: 'tick' }),
  fc
    .integer({ min: 0, max: 1 })
    .map((at) => () => site.alarmBody('refreshed')[at] ?? { type: 'tick' }),
  fc
    .subarray([
      { code: 'clock-skew', text: 'an hour ahead' },
      { code: 'tag-refused', subject: 'parts', text: 'no such node' },
    ])
    .map((faults) => (): IntakeBody => ({ type: 'device-faults', device: 'belt', faults })),
);

const climate: fc.Arbitrary<BodyAt> = fc
  .record({
    sensor: fc.constantFrom('cold-1', 'cold-2', 'unheard-of'),
    temperature: fc.integer({ min: 0, max: 12 }),
    humidity: fc.integer({ min: 50, max: 70 }),
  })
  .map(
    ({ sensor, ...values }) =>
      () =>
        site.climateBody(sensor, values),
  );

/** New scans, repetitions, ids used twice; codes of every form; inputs that come again. */
const hands: fc.Arbitrary<BodyAt> = fc.oneof(
  fc
    .record({
      id: fc.integer({ min: 1, max: 9 }),
      code: fc.constantFrom('(01)09521234543213(17)270200', '4006381333931', 'A\u001d', ']C10'),
      at: fc.constantFrom(undefined, '2026-11-22T08:00:00Z', '1970-01-01T00:00:00Z', 'noon'),
    })
    .map(
      ({ id, code, at }) =>
        () =>
          site.scanBody(`scan-000${id}`, code, at),
    ),
  fc.record({ level: fc.constantFrom('high', 'low'), late }).map(
    ({ level, late }) =>
      (atMs: number) =>
        site.inputBody(level, atMs - late),
  ),
);

const device = fc.constantFrom(...devices);
const rest: fc.Arbitrary<BodyAt> = fc.oneof(
  { weight: 6, arbitrary: fc.constant((): IntakeBody => ({ type: 'tick' })) },
  {
    weight: 2,
    arbitrary: fc
      .record({ device, connected: fc.boolean() })
      .map((of) => (): IntakeBody => ({ type: 'connection', ...of })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...variants).map((variant) => () => site.configBody(variant)),
  },
  {
    weight: 1,
    arbitrary: fc.boolean().map((clean) => (atMs: number): IntakeBody => ({
      type: 'boot',
      clean,
      version: '0.1.0',
      lastAliveMs: atMs - 5000,
    })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(9e8), fc.boolean()).map(([shiftMs, right]) => {
      return (atMs: number): IntakeBody => ({
        type: 'clock-seen',
        shiftMs,
        step: { byMs: shiftMs, fromMs: atMs - shiftMs, toMs: atMs },
        ...(!right && { doubt: { reason: 'behind', systemMs: 0, behindMs: atMs } }),
      });
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ device, reason: fc.constantFrom('link-lost', 'server-restart' as const) })
      .map((of) => (atMs: number): IntakeBody => ({
        type: 'gap',
        ...of,
        channels: 2,
        fromMs: atMs - 900,
        toMs: atMs,
      })),
  },
  {
    weight: 1,
    arbitrary: fc.boolean().map((held) => (atMs: number): IntakeBody => ({
      type: 'intake',
      held,
      reason: 'disk-full',
      sinceMs: atMs - 100,
    })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom<EvidenceNotice>(
        {
          kind: 'evidence.sealed',
          payload: {
            bytes: 9,
            entries: 2,
            firstPos: 1,
            lastPos: 2,
            leaves: 1,
            root: 'ab'.repeat(32),
            segment: 1,
          },
        },
        {
          kind: 'evidence.pruned',
          payload: {
            freedBytes: 9,
            keptLeaves: 0,
            pinned: false,
            root: 'ab'.repeat(32),
            segment: 1,
          },
        },
        {
          kind: 'evidence.lost',
          payload: { firstPos: 3, lastPos: 4, reason: 'intake-budget' },
        },
      )
      .map((notice) => (): IntakeBody => ({ type: 'evidence', ...notice })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ by: fc.constantFrom('eng-7', 'eng-8'), sinceMs: fc.integer({ min: 1, max: 2 }) })
      .chain(({ by, sinceMs }) => {
        const of = { type: 'config-override', by, hash: 'a'.repeat(64), sinceMs } as const;
        return fc.constantFrom<IntakeBody>(
          { ...of, step: 'begun', reason: 'the hub is away', untilMs: 9 },
          { ...of, step: 'ended', inForce: 'former', outcome: 'ended' },
        );
      })
      .map((body) => () => body),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('0', '1').map((digit) => (): IntakeBody => ({
      type: 'key-rotated',
      fromKey: `${'A'.repeat(43)}=`,
      key: `${'B'.repeat(43)}=`,
      keyId: digit.repeat(16),
      proof: `${'C'.repeat(86)}==`,
      signature: `${'D'.repeat(86)}==`,
    })),
  },
  {
    weight: 1,
    arbitrary: fc.boolean().map((live) => (atMs: number): IntakeBody => ({
      type: 'uplink',
      live,
      committedSeq: 7,
      keptEvents: 3,
      sinceMs: atMs - 50,
    })),
  },
  {
    weight: 1,
    arbitrary: device.map((of) => () => site.raw(of, 'events', '{"broken')),
  },
  {
    weight: 1,
    arbitrary: device.map((of) => (): IntakeBody => ({
      type: 'refused',
      device: of,
      channel: 'events',
      reason: 'oversized',
      bytes: 900_000,
      sha256: 'f'.repeat(64),
      head: new Uint8Array(4096),
    })),
  },
);

/** Mostly within a second, sometimes over the timers, once in a while over an hour. */
const step = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 900 }) },
  { weight: 3, arbitrary: fc.integer({ min: 1000, max: 12_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(61_000, 3_700_000) },
);

type Step = readonly [waitMs: number, bodyAt: BodyAt];

const anything: fc.Arbitrary<Step[]> = fc
  .tuple(
    step,
    fc.oneof(
      { weight: 9, arbitrary: reads },
      { weight: 2, arbitrary: machines },
      { weight: 2, arbitrary: climate },
      { weight: 1, arbitrary: hands },
      { weight: 3, arbitrary: rest },
    ),
  )
  .map((one) => [one]);

/** A tag on its way through the dock, with the odd read of the other side. */
const crossing: fc.Arbitrary<Step[]> = fc
  .record({
    epc,
    inwards: fc.boolean(),
    number: fc.integer({ min: 1, max: 9999 }),
    waits: fc.array(fc.integer({ min: 10, max: 400 }), { minLength: 6, maxLength: 12 }),
    stray: fc.nat(30),
  })
  .map(({ epc, inwards, number, waits, stray }) =>
    waits.map((waitMs, index): Step => {
      const early = index < waits.length / 2 !== (index === stray);
      const antenna = early === inwards ? 1 : 2;
      const read = { epc, antenna, reads: 2, number: number + index };
      return [waitMs, (atMs) => site.zebraBody({ ...read, atMs })];
    }),
  );

const says = (device: string, connected: boolean) => (): IntakeBody => ({
  type: 'connection',
  device,
  connected,
});
const tick = (): IntakeBody => ({ type: 'tick' });
/** Longer than any window; the second is longer than silence is allowed to be. */
const awayMs = fc.constantFrom(40_000, 70_000);

/** A device goes away and comes back. */
const cut: fc.Arbitrary<Step[]> = fc
  .tuple(fc.constantFrom('dock', 'shelf'), awayMs)
  .map(([device, waitMs]) => [
    [50, says(device, false)],
    [waitMs, tick],
    [1000, tick],
    [1000, says(device, true)],
    [1000, tick],
    [1500, tick],
  ]);

/** The dock goes away in the middle of a pass, and brings the rest from its buffer. */
const interrupted: fc.Arbitrary<Step[]> = fc
  .record({ epc, number: fc.integer({ min: 1, max: 9999 }), seen: fc.nat(6), waitMs: awayMs })
  .map(({ epc, number, seen, waitMs }) => {
    const read = (index: number, lateMs: number): Step => {
      const antenna = index < 3 ? 1 : 2;
      const one = { epc, antenna, reads: 2, number: number + index };
      return [100, (atMs) => site.zebraBody({ ...one, atMs: atMs - lateMs })];
    };
    const all = [0, 1, 2, 3, 4, 5];
    return [
      ...all.slice(0, seen).map((index) => read(index, 0)),
      [50, says('dock', false)],
      [waitMs, tick],
      [1000, tick],
      [1000, says('dock', true)],
      ...all.slice(seen).map((index) => read(index, waitMs + 2000)),
      [3000, tick],
    ];
  });

const entries: fc.Arbitrary<IntakeEntry[]> = fc
  .record({
    configured: fc.integer({ min: 0, max: 9 }),
    chunks: fc.array(
      fc.oneof(
        { weight: 20, arbitrary: anything },
        { weight: 2, arbitrary: crossing },
        { weight: 1, arbitrary: cut },
        { weight: 1, arbitrary: interrupted },
      ),
      { maxLength: 70, size: 'max' },
    ),
  })
  .map(({ configured, chunks }) => {
    let afterMs = 0;
    const first: [number, IntakeBody][] = configured > 0 ? [[0, site.configBody()]] : [];
    return site.entriesOf([
      ...first,
      ...chunks.flat().map(([waitMs, bodyAt]): [number, IntakeBody] => {
        afterMs += waitMs;
        return [afterMs, bodyAt(startMs + afterMs)];
      }),
    ]);
  });

function textOf(observer: Observer, entry: IntakeEntry): string {
  const { drafts, quarantined } = observer.step(entry);
  const { head: _head, ...of } = quarantined ?? { head: undefined };
  return encodeCanonical({ drafts: drafts as unknown as Canonical, quarantined: { ...of } });
}

/** Steps through the entries, with a new observer from the stored rows at every cut. */
function run(list: readonly IntakeEntry[], cuts: ReadonlySet<number>, turn: number): string[] {
  const stored = new Map<string, StateRow>();
  let observer = restoreObserver([]);
  return list.map((entry, index) => {
    if (cuts.has(index)) {
      for (const row of observer.takeDirty()) stored.set(`${row.machine}\n${row.key}`, row);
      const rows = [...stored.values()];
      const at = rows.length === 0 ? 0 : turn % rows.length;
      observer = restoreObserver([...rows.slice(at), ...rows.slice(0, at)].reverse());
    }
    return textOf(observer, entry);
  });
}

describe('the observer', () => {
  test('ends a pass at the same second after a restore when its second read made it due sooner', () => {
    const config = { ...testSite, observe: { ...testSite.observe, passWindowMs: 3000 } };
    const read = (antenna: number, afterMs: number): readonly [number, IntakeBody] => {
      const atMs = startMs + afterMs;
      return [afterMs, site.zebraBody({ epc: site.epcs[0], antenna, number: afterMs + 1, atMs })];
    };
    const ticks = [3000, 4000, 5000, 6000, 7000].map((at) => [at, { type: 'tick' }] as const);
    const reads = [read(2, 0), read(2, 100), read(1, 2900), read(1, 3200)];
    const timed = [[0, site.configBody(config)] as const, ...reads, ...ticks];
    const entries = site.entriesOf(timed.sort(([a], [b]) => a - b));
    const saidWith = (restoredAfter: number): string => {
      let observer: Observer = restoreObserver([]);
      const rows = new Map<string, StateRow>();
      const said = entries.map((entry, index) => {
        const { drafts } = observer.step(entry);
        for (const row of observer.takeDirty()) rows.set(`${row.machine} ${row.key}`, row);
        if (index === restoredAfter) observer = restoreObserver(rows.values());
        return drafts;
      });
      return JSON.stringify(said);
    };
    const uncut = saidWith(-1);
    expect(uncut).toContain('portal.passed');
    for (let index = 0; index < entries.length; index += 1) expect(saidWith(index)).toBe(uncut);
  });

  test('says the same to the byte wherever it is restored from its rows', () => {
    fc.assert(
      fc.property(
        entries,
        fc.array(fc.nat(119), { maxLength: 8 }),
        fc.nat(1000),
        (list, cuts, turn) => {
          expect(run(list, new Set(cuts), turn)).toEqual(run(list, new Set(), 0));
        },
      ),
      { numRuns: 300 },
    );
  }, 60_000);

  test('says the same when it is restored before every single entry', () => {
    fc.assert(
      fc.property(entries, fc.nat(1000), (list, turn) => {
        expect(run(list, new Set(list.keys()), turn)).toEqual(run(list, new Set(), 0));
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  test('says only what the registry of kinds allows, whatever comes in', () => {
    fc.assert(
      fc.property(entries, (list) => {
        const observer = restoreObserver([]);
        for (const entry of list) {
          for (const draft of observer.step(entry).drafts) checkDraft(draft, entry);
        }
        encodeCanonical(observer.facts(startMs + 4_000_000) as unknown as Canonical);
        for (const { value } of observer.takeDirty()) if (value !== null) decodeCanonical(value);
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  test('makes every kind of event of the registry in these runs', () => {
    const said = new Set<string>();
    for (const list of fc.sample(entries, { numRuns: 300, seed: 1 })) {
      const observer = restoreObserver([]);
      for (const entry of list) for (const { kind } of observer.step(entry).drafts) said.add(kind);
    }
    const rare = new Set(['stock.conflict', 'stock.shipped', 'stock.received', 'portal.passed']);
    // What comes of failures and of operators is in edge/pipeline-failure.test.ts and edge/live.
    for (const kind of ['entry-set-aside', 'clock-accepted', 'config-refused'])
      rare.add(`gateway.${kind}`);
    // A book comes once in the life of a box: edge/stock/restored-book.test.ts.
    rare.add('gateway.book-restored');
    // What persons and documents cause is in the runs of edge/post/stock-model.test.ts.
    const ofDesk =
      /^climate\.(?:lots-exposed|excursion-found|goods-left)$|^(?:unit|document|act|person|transfer)\.|^stock\.(?:adjusted|held|rebooked|reconciled|released|regrouped|counted|swept)$|^task\.closed$/;
    const unsaid = Object.keys(eventKinds).filter((kind) => !said.has(kind) && !rare.has(kind));
    expect(unsaid.filter((kind) => !ofDesk.test(kind))).toEqual([]);
  });
});

function checkDraft(
  { kind, payload, ...of }: EventDraft,
  { pos, receivedAtMs }: IntakeEntry,
): void {
  const checked = validate(eventKinds[kind].payload, payload);
  expect(checked, `${kind} ${JSON.stringify(payload)}`).toMatchObject({ ok: true });
  const identity = { cause: [pos, 0], epoch: 1, gateway: 'gw-1', owner: 'own', seq: 1, site: 's' };
  const header = { ...identity, kind, receivedAt: receivedAtMs, v: 1, ...of };
  expect(validate(eventHeader, header)).toMatchObject({ ok: true });
  encodeCanonical(payload);
}
