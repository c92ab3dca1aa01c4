import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeCanonical } from '#contracts/canonical.ts';
import { Fault } from '#contracts/fault.ts';
import type { GatewayConfig } from './config/gateway-config.ts';
import { siteConfigText } from './config/site-config.ts';
import type { IntakeBody, IntakeEntry } from './intake/intake-entry.ts';
import type { Journal, JournalCommit } from './journal/journal.ts';
import { readJournal } from './journal/read-journal.ts';
import { observeEntries } from './observe-entries.ts';
import { restoreObserver, type StateRow } from './observe/observer.ts';
import { StandingObserver } from './observe/standing-observer.ts';
import { Pipeline } from './pipeline.ts';
import { openTestStores } from './testing/open-test-stores.ts';
import { createTestLog, FakeClock, tempDir, until } from './testing/test-parts.ts';

const config: GatewayConfig = {
  gateway: { tenant: 'main', site: 'hamburg', id: 'gw-1' },
  dataDir: '/nowhere',
  hub: { servers: ['nats://h'], loginSeedFile: 'a', signingKeyFile: 'b', publicKey: 'c' },
  mqtt: { host: 'h', port: 1, maxConnections: 1 },
  http: { host: 'h', port: 2, tokenFile: 't' },
  disk: { intakeBudgetBytes: 2 ** 20, floorBytes: 2 ** 20, reserveBytes: 2 ** 20 },
  observe: { minReads: 2, absentAfterMs: 4000, moveReads: 2, passWindowMs: 1500 },
  posting: { receive: 'post', move: 'post', ship: 'post', confirmReads: 3 },
  zones: [
    { id: 'dock', status: 'receiving' },
    { id: 'store', status: 'available', temperature: { min: 2, max: 7.5 } },
  ],
  portals: [{ id: 'gate', zone: 'store' }],
  devices: [
    {
      id: 'r1',
      profile: 'impinj-r700',
      buffers: true,
      silentAfterMs: 3000,
      antennas: [
        { antenna: 1, zone: 'dock' },
        { antenna: 2, zone: 'store' },
        { antenna: 3, portal: 'gate', side: 'outside' },
        { antenna: 4, portal: 'gate', side: 'inside' },
      ],
    },
    {
      id: 'zb',
      profile: 'zigbee2mqtt',
      buffers: false,
      silentAfterMs: 60_000,
      sensors: [{ name: 'cold-1', zone: 'store' }],
    },
  ],
};
const site = siteConfigText(config);

function message(device: string, channel: string, payload: unknown): IntakeBody {
  const bytes = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  return { type: 'message', device, channel, qos: 1, payload: bytes };
}

const tagRead = fc
  .record({
    serial: fc.integer({ min: 1, max: 4 }),
    antennaPort: fc.integer({ min: 1, max: 5 }),
    peakRssiCdbm: fc.integer({ min: -7000, max: -3000 }),
  })
  .map(({ serial, ...read }) =>
    message('r1', '', {
      timestamp: '2027-01-15T08:00:00.123456789Z',
      eventType: 'tagInventory',
      tagInventoryEvent: { epcHex: `3074257BF7194E400000000${serial}`, ...read },
    }),
  );

const body: fc.Arbitrary<IntakeBody> = fc.oneof(
  { weight: 12, arbitrary: tagRead },
  {
    weight: 2,
    arbitrary: fc
      .integer({ min: 0, max: 12 })
      .map((temperature) => message('zb', 'cold-1', { temperature, humidity: 40 })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(message('r1', '', 'no JSON'), message('nobody', '', '{}')),
  },
  { weight: 3, arbitrary: fc.constant({ type: 'tick' as const }) },
  {
    weight: 1,
    arbitrary: fc.boolean().map((connected) => ({
      type: 'connection' as const,
      device: 'r1',
      connected,
    })),
  },
  {
    weight: 1,
    arbitrary: fc.boolean().map((clean) => ({ type: 'boot' as const, clean, version: '1.0.0' })),
  },
  {
    weight: 1,
    arbitrary: fc.constant({
      type: 'refused' as const,
      device: 'r1',
      channel: 'x',
      reason: 'oversized' as const,
      bytes: 300_000,
      sha256: 'ab'.repeat(32),
      head: Buffer.from('x'),
    }),
  },
);

const entries: fc.Arbitrary<IntakeEntry[]> = fc
  .array(fc.tuple(body, fc.constantFrom(0, 5, 300, 1000, 5000)), { minLength: 1, maxLength: 60 })
  .map((steps) => {
    const first: [IntakeBody, number][] = [
      [{ type: 'boot', clean: true, version: '1.0.0' }, 0],
      [{ type: 'config', origin: 'file', hash: site.hash, config: site.text }, 0],
    ];
    let receivedAtMs = 1_800_000_000_000;
    return [...first, ...steps].map(([body, stepMs], index) => {
      receivedAtMs += stepMs;
      return { pos: index + 1, receivedAtMs, body };
    });
  });

function textOf(commits: readonly JournalCommit[]): string[] {
  const items = commits.flatMap((commit) => commit.items);
  return items.map(({ pos, index, draft }) => encodeCanonical([pos, index, { ...draft }]));
}

/** Observes in runs of these sizes; where it `crashes`, only what was committed is left. */
function observeInRuns(
  all: readonly IntakeEntry[],
  runs: readonly { readonly size: number; readonly crashes: boolean }[],
): JournalCommit[] {
  const commits: JournalCommit[] = [];
  const stored = new Map<string, StateRow>();
  let observer = restoreObserver([]);
  for (let at = 0, run = 0; at < all.length; run += 1) {
    const { size, crashes } = runs[run % runs.length] ?? { size: 1, crashes: false };
    const commit = observeEntries(observer, all.slice(at, at + size));
    // A crash before the commit: the same entries are observed again, by another process.
    if (crashes && run % 2 === 0) {
      observer = restoreObserver([...stored.values()]);
      commits.push(observeEntries(observer, all.slice(at, at + 1)));
      at += 1;
    } else {
      commits.push(commit);
      at += size;
    }
    for (const row of commits.at(-1)?.states ?? []) stored.set(`${row.machine} ${row.key}`, row);
    if (crashes) observer = restoreObserver([...stored.values()]);
  }
  return commits;
}

describe('the same intake log', () => {
  test('gives byte-equal events however it is cut, and after a crash at any entry', () => {
    const run = fc.record({ size: fc.integer({ min: 1, max: 9 }), crashes: fc.boolean() });
    fc.assert(
      fc.property(entries, fc.array(run, { minLength: 1, maxLength: 10 }), (all, runs) => {
        const whole = textOf([observeEntries(restoreObserver([]), all)]);
        expect(textOf(observeInRuns(all, runs))).toEqual(whole);
      }),
      { numRuns: 200 },
    );
  });

  test('gives a byte-equal journal in a second gateway that replays it', async () => {
    const [all] = fc.sample(entries, { seed: 7, numRuns: 1 });
    const journals = await Promise.all([replay(all ?? [], 3), replay(all ?? [], 1000)]);
    const [one, two] = journals.map((dir) => [...readJournal(dir)]);
    expect(one?.length).toBeGreaterThan(5);
    expect(one).toEqual(two);
  });
});

function openParts(dir: string) {
  const clock = new FakeClock();
  const { log, said } = createTestLog();
  const { intake, journal } = openTestStores(dir, clock, log);
  return { clock, log, said, intake, journal };
}

/** Runs entries through a real log, pipeline and journal, `step` entries a turn. */
async function replay(all: readonly IntakeEntry[], step: number): Promise<string> {
  const dir = tempDir();
  const { log, intake, journal } = openParts(dir);
  const observer = new StandingObserver([]);
  const pipeline = new Pipeline({ intake, journal, observer, log, fatal: () => {}, lingerMs: 0 });
  pipeline.start();
  for (const [index, { body, receivedAtMs }] of all.entries()) {
    intake.append(body, receivedAtMs);
    if (index % step === 0) await until(() => journal.cursor() === index + 1);
  }
  await until(() => journal.cursor() === all.length);
  await pipeline.stop();
  intake.close();
  journal.close();
  return dir;
}

describe('a journal without room', () => {
  test('is tried again with the same events, and nothing is said twice', async () => {
    const dir = tempDir();
    const { log, said, intake, journal } = openParts(dir);
    let full = true;
    const scarce: Journal = {
      ...journal,
      commit(batch) {
        if (full) throw new Fault('STORE_FULL', 'injected');
        return journal.commit(batch);
      },
    };
    const observer = new StandingObserver([]);
    const pipeline = new Pipeline({
      intake,
      journal: scarce,
      observer,
      log,
      fatal: () => {},
      lingerMs: 0,
    });
    pipeline.start();
    intake.append({ type: 'boot', clean: true, version: '1' }, 5);
    await until(() => pipeline.blocked);
    intake.append({ type: 'boot', clean: false, version: '1' }, 6);
    await until(() => intake.lastPos === 2);
    expect(journal.head().seq).toBe(0);
    full = false;
    await until(() => journal.cursor() === 2);
    expect([...readJournal(dir)].map(({ payload }) => payload)).toEqual([
      '{"clean":true,"version":"1"}',
      '{"clean":false,"version":"1"}',
    ]);
    expect(said.filter(({ msg }) => msg === 'pipeline.journal-full')).toHaveLength(1);
    await pipeline.stop();
    intake.close();
    journal.close();
  });

  test('ends the process when it is broken, and commits nothing afterwards', async () => {
    const { log, intake, journal } = openParts(tempDir());
    let tries = 0;
    const broken: Journal = {
      ...journal,
      commit() {
        tries += 1;
        throw new Fault('STORE_BROKEN', 'injected');
      },
    };
    const fatals: unknown[] = [];
    const observer = new StandingObserver([]);
    const fatal = (error: unknown) => void fatals.push(error);
    const pipeline = new Pipeline({ intake, journal: broken, observer, log, fatal, lingerMs: 0 });
    pipeline.start();
    intake.append({ type: 'tick' }, 5);
    await until(() => fatals.length === 1);
    intake.append({ type: 'tick' }, 6);
    await until(() => intake.lastPos === 2);
    await pipeline.stop();
    expect(tries).toBe(1);
    intake.close();
    journal.close();
  });
});
