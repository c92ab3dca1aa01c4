import { describe, expect, onTestFinished, test } from 'vitest';
import type { DeviceProfile } from '../devices/profile.ts';
import type { Reading } from '../devices/reading.ts';
import { profileOf as knownProfileOf } from '../devices/registry.ts';
import { siteConfigText } from './config/site-config.ts';
import type { GatewayConfig } from './config/gateway-config.ts';
import type { IntakeBody } from './intake/intake-entry.ts';
import { readJournal } from './journal/read-journal.ts';
import { bareStep, StandingObserver } from './observe/standing-observer.ts';
import { Pipeline } from './pipeline.ts';
import { openTestStores } from './testing/open-test-stores.ts';
import { createTestLog, FakeClock, tempDir, until } from './testing/test-parts.ts';

const startMs = 1_800_000_000_000;

/** A device type whose readings are what the messages say, also what no codec would give. */
const frail: DeviceProfile = {
  id: 'frail',
  label: 'frail',
  transport: 'mqtt',
  naturalKey: 'none',
  initialState: 0,
  decode(state, { payload }) {
    const said = JSON.parse(Buffer.from(payload).toString()) as (number | string)[];
    const readings = said.map((one): Reading => {
      if (one === 'throw') return undefined as unknown as Reading;
      const input = one === 'unsealable' ? '\ud800' : 'gpi-1';
      return { type: 'input', input, level: Number(one) === 1 ? 'high' : 'low' };
    });
    return { state: Number(state) + 1, decoded: { ok: true, readings } };
  },
};
const profileOf = (id: string) => (id === 'frail' ? frail : knownProfileOf(id));

const device = { profile: 'frail', buffers: true, silentAfterMs: 600_000, zone: 'dock' };
const site = siteConfigText({
  gateway: { tenant: 'main', site: 'hamburg', id: 'gw-1' },
  observe: { minReads: 1, absentAfterMs: 4000, moveReads: 1, passWindowMs: 1500 },
  posting: { receive: 'post', move: 'post', ship: 'post', confirmReads: 3 },
  zones: [{ id: 'dock', status: 'receiving' }],
  portals: [],
  devices: [
    { ...device, id: 'bad' },
    { ...device, id: 'good' },
  ],
} as unknown as GatewayConfig);

const configured: IntakeBody = {
  type: 'config',
  origin: 'file',
  hash: site.hash,
  config: site.text,
};
function message(of: string, ...said: (number | string)[]): IntakeBody {
  const payload = Buffer.from(JSON.stringify(said));
  return { type: 'message', device: of, channel: 'x', qos: 1, payload };
}

/** A gateway's stores with a pipeline that can be started anew. */
function openGateway() {
  const dir = tempDir();
  const { log, said } = createTestLog();
  const { intake, journal } = openTestStores(dir, new FakeClock(startMs), log);
  const fatals: unknown[] = [];
  let observer = new StandingObserver(journal.takeStates(), profileOf);
  const begin = () =>
    new Pipeline({
      intake,
      journal,
      observer,
      log,
      fatal: (error) => void fatals.push(error),
      lingerMs: 0,
    });
  let pipeline = begin();
  pipeline.start();
  onTestFinished(() => {
    intake.close();
    journal.close();
  });
  return {
    journal,
    said,
    fatals,
    facts: () => observer.facts(startMs),
    restart: async () => {
      await pipeline.stop();
      observer = new StandingObserver(journal.states(), profileOf);
      pipeline = begin();
      pipeline.start();
    },
    /** Takes entries in at once and waits for what follows from them. */
    take: async (bodies: readonly (readonly [IntakeBody, atMs: number])[]) => {
      for (const [body, atMs] of bodies) intake.append(body, startMs + atMs);
      await until(() => intake.pendingBytes === 0);
      await until(() => fatals.length > 0 || journal.cursor() === intake.lastPos);
    },
    events: () => [...readJournal(dir)].map(({ header, payload }) => `${header} ${payload}`),
  };
}

function kindsIn(events: readonly string[]): string[] {
  return events.map((text) => /"kind":"([^"]+)"/.exec(text)?.[1] ?? '');
}

describe('an entry that makes an observer throw', () => {
  const entries: (readonly [IntakeBody, number])[] = [
    [configured, 0],
    [message('good', 1), 10],
    // The first reading has been applied when the second one throws.
    [message('bad', 1, 'throw'), 20],
    [message('good', 0), 30],
    [message('bad', 1), 40],
    [message('bad', 'unsealable'), 50],
    [message('good', 1), 60],
  ];

  test('is put aside, and all others count, with nothing of it half applied', async () => {
    const { take, events, journal, facts, said, fatals } = openGateway();
    await take(entries);
    expect(fatals).toEqual([]);
    expect(journal.cursor()).toBe(entries.length);
    expect(kindsIn(events())).toEqual([
      'gateway.config-applied',
      'input.changed',
      'device.quarantined',
      'input.changed',
      'input.changed',
      'input.changed',
    ]);
    const [last, first] = journal.recentQuarantine('bad', 10);
    expect(first).toMatchObject({ pos: 3, reason: 'gateway-fault', channel: 'x', bytes: 11 });
    expect(Buffer.from(first?.head ?? []).toString()).toBe('[1,"throw"]');
    expect(first?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(last).toMatchObject({ pos: 6 });
    const bad = facts().devices.find((one) => one.device === 'bad');
    expect(bad).toMatchObject({ quarantined: 2 });
    const failures = said.filter(({ msg }) => msg === 'pipeline.entry-failed');
    expect(failures).toMatchObject([
      { pos: 3, device: 'bad', type: 'message' },
      { pos: 6, device: 'bad' },
    ]);
  });

  test('leads to the same bytes however the log is cut, and across restarts', async () => {
    const whole = openGateway();
    await whole.take(entries);
    const single = openGateway();
    for (const entry of entries) await single.take([entry]);
    const restarted = openGateway();
    for (const entry of entries) {
      await restarted.take([entry]);
      await restarted.restart();
    }
    expect(whole.events().length).toBe(6);
    expect(single.events()).toEqual(whole.events());
    expect(restarted.events()).toEqual(whole.events());
    expect(new Set(restarted.journal.states().map((row) => JSON.stringify(row)))).toEqual(
      new Set(whole.journal.states().map((row) => JSON.stringify(row))),
    );
  });
});

describe('a device whose messages keep failing', () => {
  test('is not read for a minute, and then again; others are all the time', async () => {
    const { take, events, journal, said } = openGateway();
    const poison = Array.from({ length: 20 }, (_, at) => [message('bad', 'throw'), at] as const);
    await take([
      [configured, 0],
      ...poison,
      [message('bad', 1), 30],
      [message('good', 1), 40],
      [message('bad', 1), 61_000],
    ]);
    expect(said.filter(({ msg }) => msg === 'pipeline.entry-failed')).toHaveLength(5);
    expect(journal.recentQuarantine('bad', 100)).toHaveLength(21);
    expect(journal.recentQuarantine('bad', 1)[0]?.detail).toContain('not read');
    const inputs = events().filter((text) => text.includes('input.changed'));
    expect(inputs.map((text) => /"device":"(\w+)"/.exec(text)?.[1])).toEqual(['good', 'bad']);
  });
});

describe('what fails besides messages', () => {
  test('timers rest for a while, and what came in counts', async () => {
    const { take, restart, events, journal, fatals, said } = openGateway();
    await take([[configured, 0]]);
    const broken = { machine: 'missed', key: 'good', value: '0' };
    const nothing = { cursor: 1, items: [], quarantined: [] };
    journal.commit({ ...nothing, states: [{ ...broken, value: 'null' }] });
    await restart();
    await take([
      [message('good', 1), 2000],
      [message('good', 0), 5000],
      [message('good', 1), 13_000],
    ]);
    expect(fatals).toEqual([]);
    expect(kindsIn(events())).toEqual([
      'gateway.config-applied',
      'input.changed',
      'gateway.entry-set-aside',
      'input.changed',
      'input.changed',
      'gateway.entry-set-aside',
    ]);
    expect(said.filter(({ msg }) => msg === 'pipeline.entry-failed')).toHaveLength(2);
  });

  test("a person's act is answered as refused", () => {
    const act = { type: 'act', act: { id: 'act-1' }, lease: null } as unknown as IntakeBody;
    const { outcome, drafts } = bareStep({ pos: 1, receivedAtMs: 5, body: act }, 'act', 'why');
    expect(outcome).toMatchObject({ type: 'refused', code: 'gateway-fault' });
    expect(drafts).toMatchObject([{ kind: 'gateway.entry-set-aside', payload: { entry: 'act' } }]);
  });
});

describe('a clock that an operator had set back', () => {
  const aheadMs = 5 * 365 * 24 * 3_600_000;
  const entries: (readonly [IntakeBody, number])[] = [
    [configured, aheadMs],
    [message('good', 1), aheadMs + 10],
    [{ type: 'clock', fromMs: startMs + aheadMs + 10, toMs: startMs }, aheadMs + 10],
    [{ type: 'tick' }, 599_000],
    [{ type: 'tick' }, 601_000],
  ];

  test('lets devices fall silent again, from the time that it was set to', async () => {
    const { take, events } = openGateway();
    await take(entries);
    expect(kindsIn(events())).toEqual([
      'gateway.config-applied',
      'input.changed',
      'gateway.clock-accepted',
      'device.silent',
      'device.silent',
    ]);
    const received = events().map((text) => Number(/"receivedAt":(\d+)/.exec(text)?.[1]));
    expect(received.slice(-2)).toEqual([startMs + 601_000, startMs + 601_000]);
  });

  test('gives the same bytes however the log is cut, and across restarts', async () => {
    const whole = openGateway();
    await whole.take(entries);
    const restarted = openGateway();
    for (const entry of entries) {
      await restarted.take([entry]);
      await restarted.restart();
    }
    expect(restarted.events()).toEqual(whole.events());
  });
});
