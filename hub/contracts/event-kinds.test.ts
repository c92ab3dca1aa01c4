import { describe, expect, test } from 'vitest';
import {
  eventKinds,
  isEventKind,
  isPostingKind,
  versionOf,
  type EventKind,
} from './event-kinds.ts';
import { validate } from './validate.ts';

const kinds = Object.keys(eventKinds).filter(isEventKind);

describe('the registry of event kinds', () => {
  test('names every kind as thing.what-happened', () => {
    expect(kinds.length).toBeGreaterThan(20);
    for (const kind of kinds) expect(kind).toMatch(/^[a-z]+\.[a-z]+(-[a-z]+)*$/);
  });

  test('starts every kind with a version', () => {
    for (const kind of kinds) expect(eventKinds[kind].version).toBeGreaterThanOrEqual(1);
  });

  test('has an event in the oldest version that can say it, so that an older hub parks only the rest', () => {
    expect(versionOf('stock.received', { lines: [] })).toBe(1);
    expect(versionOf('stock.received', { lines: [], transfer: 'gw-2/1/x7-0' })).toBe(2);
    expect(versionOf('task.opened', { task: 'reconcile' })).toBe(1);
    expect(versionOf('task.opened', { task: 'verify-transfer' })).toBe(2);
    expect(versionOf('act.refused', { code: 'unknown-zone' })).toBe(1);
    expect(versionOf('act.refused', { code: 'unknown-transfer' })).toBe(2);
    expect(versionOf('transfer.sent', {})).toBe(1);
  });

  test('lets only stock events post', () => {
    const posting = kinds.filter(isPostingKind);
    expect(posting.sort()).toEqual([
      'stock.adjusted',
      'stock.held',
      'stock.moved',
      'stock.rebooked',
      'stock.received',
      'stock.regrouped',
      'stock.released',
      'stock.shipped',
    ]);
  });

  test('does not take inherited names for kinds', () => {
    expect(isEventKind('toString')).toBe(false);
    expect(isEventKind('__proto__')).toBe(false);
  });

  test.each<[EventKind, unknown]>([
    ['tag.appeared', { epc: '3074257BF7194E4000001A85', zone: 'dock-1' }],
    [
      'portal.passed',
      { direction: 'in', epc: '30', firstSeenAt: 1, lastSeenAt: 2, portal: 'door-1', reads: 3 },
    ],
    [
      'climate.excursion-started',
      { bound: 'above', limit: 8000, measure: 'temperature', value: 9400, zone: 'cold-1' },
    ],
    ['device.gap', { channels: 2, fromMs: 1, reason: 'overflow', toMs: 2 }],
  ])('checks the payload of %s and refuses a key it does not know', (kind, payload) => {
    expect(validate(eventKinds[kind].payload, payload).ok).toBe(true);
    const refused = validate(eventKinds[kind].payload, { ...(payload as object), surprise: 1 });
    expect(refused.ok).toBe(false);
  });
});
