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
import { createNowLane, type CurrentFacts, type NowLane } from './now-lane.ts';
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

  function newLane(): NowLane {
    return createNowLane({
      address,
      identity: { keyId: '0'.repeat(16), sign: (text) => `signed:${text.length}` },
      facts: () => facts,
      clock: { nowMs: () => nowMs, monotonicMs: () => performance.now() },
      log: pino({}, { write: (line: string) => void logged.push(line) }),
      progress: () => ({ ...status, head: journal.head() }),
      send: (text) => sent.push(JSON.parse(text) as SignedNowFacts),
    });
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
    vi.advanceTimersByTime(1_000);
    expect(sent).toEqual([]);
    expect(logged.join('')).toContain('uplink.now-facts-failed');
    facts = { ...facts, health };
    vi.advanceTimersByTime(1_000);
    expect(sent).toHaveLength(1);
  });

  test('is silent once stopped', () => {
    lane.stop();
    lane.changed();
    vi.advanceTimersByTime(5_000);
    expect(sent).toEqual([]);
  });
});
