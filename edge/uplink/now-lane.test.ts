import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { pino } from 'pino';
import { defaultTenant, parseGatewayId, parseSiteId } from '#contracts/ids.ts';
import {
  nowFactsText,
  signedNowFacts,
  type AlertFact,
  type DeviceHealth,
  type SignedNowFacts,
} from '#contracts/now-lane.ts';
import { validate } from '#contracts/validate.ts';
import { createNowLane, type CurrentFacts, type NowLane, type NowLaneOptions } from './now-lane.ts';
import { MemoryJournal } from './testing/memory-journal.ts';
import type { UplinkStatus } from './uplink-state.ts';

const address = {
  tenant: defaultTenant,
  site: parseSiteId('hamburg'),
  gateway: parseGatewayId('hh-1'),
};

const health: CurrentFacts['health'] = {
  intake: 'open',
  intakeBacklog: 3,
  quarantined: 0,
  readsPerMinute: 60,
  roomBytes: 1_000,
  startedAt: 1,
  version: '1.0.0',
};

function device(index: number): DeviceHealth {
  return {
    connected: true,
    covered: true,
    device: `reader-${index}`,
    profile: 'impinj',
    quarantined: 0,
    readsPerMinute: 1,
    silent: false,
  };
}

function alert(id: string, open: boolean, openedAt: number): AlertFact {
  return { id, open, openedAt, text: id, type: 'silence' };
}

describe('the now lane', () => {
  const journal = new MemoryJournal(address);
  journal.append(40);
  let facts: CurrentFacts;
  let status: UplinkStatus;
  let sent: SignedNowFacts[];
  let nowMs: number;
  let lane: NowLane;
  const logged: string[] = [];

  function optionsOf(): NowLaneOptions {
    return {
      address,
      identity: { keyId: '0'.repeat(16), sign: (text) => `signed:${text.length}` },
      facts: () => facts,
      clock: { nowMs: () => nowMs, monotonicMs: () => performance.now() },
      log: pino({}, { write: (line: string) => void logged.push(line) }),
      progress: () => ({ ...status, head: journal.head() }),
      send: (text) => sent.push(JSON.parse(text) as SignedNowFacts),
    };
  }

  function newLane(): NowLane {
    return createNowLane(optionsOf());
  }

  beforeEach(() => {
    vi.useFakeTimers();
    [sent, nowMs, facts] = [[], 1_700_000_000_000, { health, devices: [device(1)], alerts: [] }];
    status = { state: 'live', committedSeq: 30, securedSeq: 0, connected: true };
    lane = newLane();
    lane.start();
  });
  afterEach(() => {
    lane.stop();
    vi.useRealTimers();
  });

  test('says every second how far journal and hub are, signed and in the agreed shape', () => {
    vi.advanceTimersByTime(3_000);
    expect(sent).toHaveLength(3);
    expect(sent.map((message) => validate(signedNowFacts, message).ok)).toEqual([true, true, true]);
    const [first] = sent;
    expect(first?.facts).toMatchObject({ seq: 40, epoch: 1, gateway: 'hh-1', v: 1 });
    expect(first?.facts.health).toEqual({
      ...health,
      backlogEvents: 10,
      committedSeq: 30,
      headSeq: 40,
      uplink: 'live',
    });
    if (first === undefined) throw new Error('nothing was sent');
    expect(first.signature).toBe(`signed:${nowFactsText(first.facts).length}`);
  });

  test('shows a hub that is away as draining, and a halted lane as halted', () => {
    status = { ...status, state: 'away' };
    vi.advanceTimersByTime(1_000);
    status = { ...status, state: 'halted' };
    vi.advanceTimersByTime(1_000);
    expect(sent.map((message) => message.facts.health.uplink)).toEqual(['draining', 'halted']);
  });

  test('sends a change at once, and many changes at most four times a second', () => {
    vi.advanceTimersByTime(1_500);
    lane.changed();
    vi.advanceTimersByTime(1);
    expect(sent).toHaveLength(2);
    for (let ms = 0; ms < 1_000; ms += 10) {
      lane.changed();
      vi.advanceTimersByTime(10);
    }
    expect(sent.length).toBeGreaterThanOrEqual(5);
    expect(sent.length).toBeLessThanOrEqual(6);
  });

  test('sends what somebody may have to act on at once, when told to look', () => {
    vi.advanceTimersByTime(1_500);
    const changes: Partial<CurrentFacts>[] = [
      { alerts: [alert('a', true, 1)] },
      { alerts: [alert('a', false, 1)] },
      { alerts: [] },
      { devices: [{ ...device(1), connected: false }] },
      { devices: [{ ...device(1), silent: true }] },
      { devices: [{ ...device(1), covered: false }] },
      { health: { ...health, intake: 'held' } },
    ];
    for (const [index, change] of changes.entries()) {
      facts = { ...facts, ...change };
      lane.look();
      vi.advanceTimersByTime(250);
      expect(sent).toHaveLength(index + 2);
    }
    expect(sent.at(-1)?.facts.health.intake).toBe('held');
  });

  test('leaves counts and rates to the next second', () => {
    vi.advanceTimersByTime(1_500);
    facts = {
      ...facts,
      health: { ...health, readsPerMinute: 7, quarantined: 2, intakeBacklog: 9 },
    };
    facts = { ...facts, devices: [{ ...device(1), lastHeardAt: 5, readsPerMinute: 9 }] };
    lane.look();
    vi.advanceTimersByTime(499);
    expect(sent).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(sent).toHaveLength(2);
  });

  test('looks at the facts at most four times a second, however often it is told to', () => {
    let asked = 0;
    const source = facts;
    const spied = createNowLane({
      ...optionsOf(),
      facts: () => {
        asked += 1;
        return source;
      },
    });
    spied.start();
    for (let ms = 0; ms < 10_000; ms += 1) {
      spied.look();
      vi.advanceTimersByTime(1);
    }
    spied.stop();
    // Ten of them were to send.
    expect(asked).toBeLessThanOrEqual(41 + 10);
    expect(asked).toBeGreaterThan(40);
  });

  test('numbers rise, also over a restart and while the clock stands', () => {
    vi.advanceTimersByTime(2_000);
    lane.stop();
    nowMs += 5_000;
    lane = newLane();
    lane.start();
    vi.advanceTimersByTime(2_000);
    const numbers = sent.map((message) => message.facts.number);
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
    expect(numbers).toHaveLength(4);
  });

  test('lets more devices than fit take turns', () => {
    const devices = Array.from({ length: 1_201 }, (_, index) => device(index));
    facts = { ...facts, devices };
    vi.advanceTimersByTime(6_000);
    expect(sent.map((message) => message.facts.devices.length)).toEqual([
      500, 500, 201, 500, 500, 201,
    ]);
    const seen = sent.slice(0, 3).flatMap((message) => message.facts.devices);
    expect(new Set(seen.map((one) => one.device)).size).toBe(1_201);
  });

  test('puts open alerts before closed ones when there are too many', () => {
    const closed = Array.from({ length: 600 }, (_, index) => alert(`c${index}`, false, index));
    facts = { ...facts, alerts: [...closed, alert('o1', true, 1), alert('o2', true, 2)] };
    vi.advanceTimersByTime(1_000);
    const ids = sent[0]?.facts.alerts.map(({ id }) => id) ?? [];
    expect(ids).toHaveLength(500);
    expect(ids.slice(0, 3)).toEqual(['o2', 'o1', 'c599']);
  });

  test('goes on after facts that cannot be told', () => {
    facts = { ...facts, health: { ...health, roomBytes: 0.5 } };
    vi.advanceTimersByTime(20_000);
    expect(sent).toEqual([]);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('uplink.now-facts-failed');
    facts = { ...facts, health };
    vi.advanceTimersByTime(1_000);
    expect(sent).toHaveLength(1);
  });

  test('is silent once stopped', () => {
    lane.stop();
    lane.changed();
    lane.look();
    vi.advanceTimersByTime(5_000);
    expect(sent).toEqual([]);
  });
});
