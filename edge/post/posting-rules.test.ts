import { describe, expect, test } from 'vitest';
import type { StockStatus } from '#contracts/posting.ts';
import { certaintyPermille } from './certainty.ts';
import { decideInbound, decideMove, decideOutbound } from './posting-rules.ts';
import type { Place } from './serial-book.ts';

type Mode = 'post' | 'unverified' | 'task';

function rules(mode: Mode) {
  const zone = (status: StockStatus) => ({ status, limits: {} });
  return {
    posting: { receive: mode, move: mode, ship: mode, confirmReads: 4 },
    zones: new Map([
      ['dock', zone('receiving')],
      ['shelves', zone('available')],
    ]),
  };
}

const zoneOf = (zone: string, status: StockStatus) => ({ type: 'zone', zone, status });
const inShelves: Place = ['shelves', 'available'];

describe('a serial that comes in', () => {
  test('is received from the supplier in the status of the zone', () => {
    expect(decideInbound(rules('post'), undefined, 'dock', 4)).toEqual([
      {
        type: 'post',
        kind: 'stock.received',
        from: { type: 'supplier' },
        to: zoneOf('dock', 'receiving'),
        place: ['dock', 'receiving'],
      },
    ]);
  });

  test('is unverified on thin evidence, or by policy', () => {
    const unverified = { to: zoneOf('dock', 'unverified'), place: ['dock', 'unverified'] };
    expect(decideInbound(rules('post'), undefined, 'dock', 3)).toMatchObject([unverified]);
    expect(decideInbound(rules('unverified'), undefined, 'dock', 99)).toMatchObject([unverified]);
  });

  test('is a task by policy, and nothing is posted', () => {
    expect(decideInbound(rules('task'), undefined, 'dock', 99)).toEqual([
      { type: 'verify', reason: 'receive-policy', zone: 'dock', status: 'receiving' },
    ]);
  });

  test('is a conflict where the book has it elsewhere, and nothing where it has it here', () => {
    expect(decideInbound(rules('post'), inShelves, 'dock', 9)).toEqual([
      { type: 'conflict', zone: 'dock', heldBy: 'zone:shelves:available:free' },
    ]);
    expect(decideInbound(rules('post'), ['dock', 'receiving'], 'dock', 9)).toEqual([]);
  });
});

describe('a serial that moves', () => {
  test('moves from where the book has it, not from where it was last seen', () => {
    expect(decideMove(rules('post'), ['dock', 'receiving'], 'nowhere', 'shelves')).toMatchObject([
      { kind: 'stock.moved', from: zoneOf('dock', 'receiving'), place: inShelves },
    ]);
  });

  test('moves also out of a zone where the book did not have it', () => {
    expect(decideMove(rules('post'), undefined, 'dock', 'shelves')).toMatchObject([
      { from: zoneOf('dock', 'receiving'), to: zoneOf('shelves', 'available') },
    ]);
  });

  test('is no stock by being seen', () => {
    expect(decideMove(rules('post'), undefined, undefined, 'shelves')).toEqual([]);
    expect(decideMove(rules('post'), inShelves, undefined, 'shelves')).toEqual([]);
  });

  test('stays unverified if it was', () => {
    expect(decideMove(rules('post'), ['dock', 'unverified'], 'dock', 'shelves')).toMatchObject([
      { from: zoneOf('dock', 'unverified'), to: zoneOf('shelves', 'unverified') },
    ]);
  });

  test('follows the policy', () => {
    const from: Place = ['dock', 'receiving'];
    expect(decideMove(rules('unverified'), from, undefined, 'shelves')).toMatchObject([
      { place: ['shelves', 'unverified'] },
    ]);
    expect(decideMove(rules('task'), from, undefined, 'shelves')).toEqual([
      { type: 'verify', reason: 'move-policy', zone: 'shelves', status: 'available' },
    ]);
  });

  test('to a zone that is configured no more posts nothing', () => {
    expect(decideMove(rules('post'), inShelves, undefined, 'closed')).toEqual([]);
  });
});

describe('a serial that goes out', () => {
  test('is shipped from where the book has it, else from the portal’s zone', () => {
    expect(decideOutbound(rules('post'), inShelves, 'dock', 4)).toMatchObject([
      {
        kind: 'stock.shipped',
        from: zoneOf('shelves', 'available'),
        to: { type: 'customer' },
        place: undefined,
      },
    ]);
    expect(decideOutbound(rules('post'), undefined, 'dock', 4)).toMatchObject([
      { kind: 'stock.shipped', from: zoneOf('dock', 'receiving') },
    ]);
  });

  test('stays as unverified on thin evidence, and somebody looks', () => {
    const doubt = { type: 'verify', reason: 'ship-unverified' };
    expect(decideOutbound(rules('post'), inShelves, 'dock', 3)).toMatchObject([
      { kind: 'stock.moved', to: zoneOf('shelves', 'unverified') },
      doubt,
    ]);
    expect(decideOutbound(rules('post'), ['dock', 'unverified'], 'dock', 3)).toMatchObject([doubt]);
    expect(decideOutbound(rules('unverified'), undefined, 'dock', 99)).toMatchObject([doubt]);
  });

  test('is a task by policy', () => {
    expect(decideOutbound(rules('task'), inShelves, 'dock', 99)).toMatchObject([
      { type: 'verify', reason: 'ship-policy', zone: 'shelves' },
    ]);
  });
});

test('certainty rises with every read and never becomes full', () => {
  expect([1, 2, 5, 10].map(certaintyPermille)).toEqual([666, 750, 857, 916]);
  expect(certaintyPermille(1_000_000)).toBeLessThan(1000);
});
