import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SignedNowFacts } from '#contracts/now-lane.ts';
import { NowFactsBook } from '../intake/now-facts.ts';
import { appeared, JournalFixture } from '../intake/testing/journal-fixture.ts';
import { IntakeRig } from '../intake/testing/intake-rig.ts';
import { openTestStore, quiet } from '../intake/testing/test-hub.ts';
import { createChanges, type Change } from './changes.ts';
import { completenessOf } from './completeness.ts';
import { describeFleet } from './fleet-query.ts';
import type { GatewayView } from './gateway-view.ts';
import { queryOutages } from './outages-query.ts';

let hub: Awaited<ReturnType<typeof openTestStore>>;
let rig: IntakeRig;
let facts: NowFactsBook;
let journal: JournalFixture;
let told: Change[];

beforeEach(async () => {
  hub = await openTestStore();
  rig = new IntakeRig(hub.store);
  journal = new JournalFixture('north', 'gw-1').add(appeared('A1'), appeared('A2'));
  await rig.welcome(journal);
  told = [];
  facts = await factsBook();
});

afterEach(async () => {
  await facts.stop();
  await hub.close();
});

async function factsBook(): Promise<NowFactsBook> {
  const { store, book, clock } = rig;
  const changes = createChanges();
  changes.listen((change) => told.push(change));
  const made = new NowFactsBook({ store, book, changes, clock, log: quiet });
  await made.start();
  return made;
}

function hear(text: string): void {
  facts.hear(journal.address, Buffer.from(text));
}

function views(): GatewayView[] {
  const now = facts.of('gw-1');
  return [
    {
      site: 'north',
      gateway: 'gw-1',
      lane: rig.book.lane('gw-1'),
      now: now === undefined ? undefined : { ...now, silent: facts.isSilent('gw-1') },
    },
  ];
}

const recorded = new Map([['gw-1', { firstSeenAt: 12, quarantined: 3 }]]);
const row = () => describeFleet(views(), recorded, rig.clock.nowMs()).gateways[0];
const say = (number: number, of: Parameters<JournalFixture['facts']>[0] | object = {}) =>
  journal.facts({ atMs: rig.clock.nowMs(), number, ...of }).text;

async function live() {
  const { store, clock } = rig;
  return (await queryOutages({ store, clock, gateways: views }, {})).outages;
}

describe('what a gateway says of itself', () => {
  test('is unknown before it was heard, never zero', () => {
    expect(row()).toMatchObject({
      state: 'silent',
      firstSeenAt: 12,
      quarantinedAtHub: 3,
      quarantined: null,
      backlogEvents: null,
      readsPerMinute: null,
    });
    expect(completenessOf(views(), 5, undefined).behind).toMatchObject([
      { gateway: 'gw-1', waitingEvents: null, lastHeardAt: null },
    ]);
  });

  test('shows, with the backlog that the hub counts from its own cursor', async () => {
    hear(say(1, { headSeq: 2, readsPerMinute: 77 }));
    expect(row()).toMatchObject({ state: 'live', backlogEvents: 2, readsPerMinute: 77 });
    await rig.apply(journal, journal.batch(1, 2));
    expect(row()).toMatchObject({ backlogEvents: 0, committedSeq: 2 });
    expect(completenessOf(views(), 5, undefined).behind).toEqual([]);
  });

  test('is dropped when it is older, forged or of another gateway', () => {
    hear(say(5, { readsPerMinute: 1 }));
    hear(say(4, { readsPerMinute: 2 }));
    const forged = JSON.parse(say(6)) as SignedNowFacts;
    forged.facts.health.readsPerMinute = 3;
    hear(JSON.stringify(forged));
    const other = new JournalFixture('south', 'gw-2');
    hear(other.facts({ atMs: 1, number: 9, readsPerMinute: 4 }).text);
    hear('no JSON');
    expect(row()?.readsPerMinute).toBe(1);
  });

  test('tells how far its clock is off by the fastest message', () => {
    const nowMs = rig.clock.nowMs();
    hear(say(1, { atMs: nowMs + 4_000 - 900 }));
    hear(say(2, { atMs: nowMs + 4_000 - 20 }));
    hear(say(3, { atMs: nowMs + 4_000 - 300 }));
    expect(row()?.clockSkewMs).toBe(3_980);
  });

  test('ages: then nobody knows, and an outage is open until it is heard and has drained', async () => {
    hear(say(1));
    const heardAt = rig.clock.nowMs();
    rig.clock.advance(11_000);
    expect(row()).toMatchObject({ state: 'silent', backlogEvents: null, lastHeardAt: heardAt });
    expect(await live()).toMatchObject([
      { id: 'now/gw-1', state: 'open', startedAt: heardAt, kept: null, lost: null, endedAt: null },
    ]);
    hear(say(2, { uplink: 'draining' }));
    const backAt = rig.clock.nowMs();
    expect(await live()).toMatchObject([
      { state: 'draining', startedAt: heardAt, endedAt: backAt, lost: null },
    ]);
    expect(told).toContainEqual({ topic: 'outages', sites: ['north'] });
    hear(say(3));
    expect(await live()).toEqual([]);
  });

  test('a journalled outage stands for the live one, draining while the gateway is heard', async () => {
    journal.add({ kind: 'gateway.uplink-lost', payload: { committedSeq: 2 } });
    await rig.apply(journal, journal.batch(1, 3));
    hear(say(1));
    expect(await live()).toMatchObject([{ id: 'gw-1/1/3', state: 'draining' }]);
    rig.clock.advance(11_000);
    expect(await live()).toMatchObject([{ id: 'gw-1/1/3', state: 'open' }]);
  });

  test('an outage whose lane is halted drains nothing, and says so', async () => {
    journal.add({ kind: 'gateway.uplink-lost', payload: { committedSeq: 2 } });
    await rig.apply(journal, journal.batch(1, 3));
    const clone = new JournalFixture('north', 'gw-1').add(appeared('C1'), appeared('C2'));
    clone.add(appeared('C3'), appeared('C4'));
    await rig.apply(clone, clone.batch(4, 4));
    hear(say(1));
    expect(await live()).toMatchObject([
      { type: 'lane', state: 'halted', cause: rig.book.lane('gw-1')?.reason },
      { id: 'gw-1/1/3', state: 'halted' },
    ]);
  });

  test('of a lane that the hub fails on is stuck, unless nobody hears of it', () => {
    const stuck = { code: 'INTERNAL', seq: 3, sinceMs: 5 };
    const at = () =>
      describeFleet(
        views().map((view) => ({ ...view, stuck })),
        recorded,
        9,
      );
    hear(say(1));
    const reason = 'the hub fails on event 3: INTERNAL';
    expect(at().gateways).toMatchObject([{ state: 'stuck', stateReason: reason, stuck }]);
    rig.clock.advance(11_000);
    expect(at().gateways).toMatchObject([{ state: 'silent', stateReason: reason, stuck }]);
  });

  test('is still known after the hub was restarted', async () => {
    hear(say(1, { readsPerMinute: 55, version: '2.1.0' }));
    await facts.stop();
    facts = await factsBook();
    expect(row()).toMatchObject({ state: 'live', version: '2.1.0', readsPerMinute: 55 });
  });

  test('tells how often connections of a device had to be closed', () => {
    const lineFaults = { framesCut: 3, notRead: 0, protocolFaults: 1 };
    const of = (device: string) => ({
      connected: true,
      covered: true,
      device,
      profile: 'impinj-r700',
      quarantined: 0,
      readsPerMinute: 1,
      silent: false,
    });
    const { facts: said } = journal.facts({ atMs: 1, number: 1 });
    said.devices = [{ ...of('reader-1'), lineFaults }, of('reader-2')];
    hear(JSON.stringify({ facts: said, signature: journal.signFacts(said) }));
    const { devices } = describeFleet(views(), recorded, rig.clock.nowMs());
    expect(devices.find(({ device }) => device === 'reader-1')).toMatchObject({ lineFaults });
    expect(devices.find(({ device }) => device === 'reader-2')).not.toHaveProperty('lineFaults');
  });

  test('names devices in turns where there are more than a message holds', () => {
    const turn = (number: number, from: number, count: number) => {
      const { facts: said } = journal.facts({ atMs: 1, number });
      said.devices = Array.from({ length: count }, (_, n) => ({
        connected: true,
        covered: n % 2 === 0,
        device: `d-${from + n}`,
        profile: 'zebra',
        quarantined: 0,
        readsPerMinute: 1,
        silent: false,
      }));
      return JSON.stringify({ facts: said, signature: journal.signFacts(said) });
    };
    hear(turn(1, 0, 500));
    hear(turn(2, 500, 100));
    expect(row()).toMatchObject({ devices: 600, devicesUncovered: 300 });
    rig.clock.advance(130_000);
    hear(turn(3, 0, 20));
    expect(row()?.devices).toBe(20);
  });
});
