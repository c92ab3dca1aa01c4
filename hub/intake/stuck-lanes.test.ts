import { pino } from 'pino';
import { beforeEach, expect, test } from 'vitest';
import { Fault } from '#contracts/fault.ts';
import type { Change } from '../projections/changes.ts';
import type { Lane } from './lane-store.ts';
import { StuckLanes } from './stuck-lanes.ts';

const startMs = 1_000_000;
let nowMs: number;
let lane: Pick<Lane, 'epoch' | 'committed' | 'halted'>;
let lines: string[];
let told: Change[];
let stuck: StuckLanes;

beforeEach(() => {
  nowMs = startMs;
  lane = { epoch: 1, committed: 41, halted: false };
  lines = [];
  told = [];
  const write = (line: string) => {
    const { level, msg, seq, code } = JSON.parse(line) as Record<string, unknown>;
    lines.push([level, msg, seq, code].join(' '));
  };
  stuck = new StuckLanes({
    book: {
      lane: () => lane as Lane,
      gateway: (gateway) => ({ gateway, site: 'north' }) as never,
    },
    changes: { emit: (change) => void told.push(change) },
    clock: { nowMs: () => nowMs, monotonicMs: () => nowMs },
    log: pino({ level: 'info' }, { write }),
  });
});

test('a lane that fails again and again is told once, and tried ever more rarely', () => {
  const waits: number[] = [];
  for (let times = 0; times < 8; times += 1) {
    stuck.failed('gw-1', new TypeError('not a function'));
    const from = nowMs;
    expect(stuck.waits('gw-1')).toBe(true);
    while (stuck.waits('gw-1')) nowMs += 1_000;
    waits.push((nowMs - from) / 1_000);
  }
  expect(waits).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
  expect(stuck.of('gw-1')).toEqual({ code: 'INTERNAL', seq: 42, sinceMs: startMs });
  expect(lines).toEqual(['50 lane.stuck 42 INTERNAL']);
  expect(told).toEqual([{ topic: 'fleet', sites: ['north'] }]);
  expect([stuck.waits('gw-2'), stuck.of('gw-2')]).toEqual([false, undefined]);
});

test('another fault at the same place is told too, and lasts since the first', () => {
  stuck.failed('gw-1', new Error('one'));
  nowMs += 5_000;
  stuck.failed('gw-1', new Fault('CANONICAL_INVALID', 'two'));
  expect(stuck.of('gw-1')).toEqual({ code: 'CANONICAL_INVALID', seq: 42, sinceMs: startMs });
  expect(lines).toEqual(['50 lane.stuck 42 INTERNAL', '50 lane.stuck 42 CANONICAL_INVALID']);
});

test('a lane that does not move is stuck, whatever else is committed', () => {
  stuck.failed('gw-1', new Error('one'));
  stuck.settle();
  expect(stuck.of('gw-1')?.seq).toBe(42);
});

test.each([
  ['goes on', { committed: 42 }],
  ['begins a new epoch', { epoch: 2, committed: 0 }],
  ['is halted', { halted: true }],
])('a lane that %s is stuck no more', (_, change) => {
  stuck.failed('gw-1', new Error('one'));
  lane = { ...lane, ...change };
  expect(stuck.of('gw-1')).toBeUndefined();
  stuck.settle();
  stuck.settle();
  expect(stuck.waits('gw-1')).toBe(false);
  expect(lines).toEqual(['50 lane.stuck 42 INTERNAL', '30 lane.unstuck 42 INTERNAL']);
  expect(told).toHaveLength(2);
});

test('a lane that went on and fails anew begins anew', () => {
  for (let times = 0; times < 4; times += 1) stuck.failed('gw-1', new Error('one'));
  lane = { ...lane, committed: 50 };
  nowMs += 1_000_000;
  stuck.failed('gw-1', new Error('one'));
  expect(stuck.of('gw-1')).toEqual({ code: 'INTERNAL', seq: 51, sinceMs: nowMs });
  nowMs += 2_000;
  expect(stuck.waits('gw-1')).toBe(false);
});
