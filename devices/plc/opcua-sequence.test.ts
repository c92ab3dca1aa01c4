import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endRepair, takeMessage } from './opcua-sequence.ts';
import type { Delivery, MessageOrder } from './opcua-sequence.ts';

/** Runs messages through: `k5` is a keep-alive that announces 5, `(` and `)` enclose a repair. */
function run(...messages: string[]): string[] {
  let order: MessageOrder<string> = { last: undefined, waiting: new Map() };
  let isRepairing = false;
  const told: string[] = [];
  const tell = (deliveries: readonly Delivery<string>[]): void => {
    for (const { message, skipped } of deliveries) told.push(skipped ? `gap ${message}` : message);
  };
  for (const text of messages) {
    isRepairing = text === '(' || (isRepairing && text !== ')');
    if (text === '(') continue;
    const isKeepAlive = text.startsWith('k');
    const sequenceNumber = Number(text.replace('k', ''));
    const message = { sequenceNumber, isKeepAlive, message: text };
    const step = text === ')' ? endRepair(order) : takeMessage(order, message, isRepairing);
    order = step.order;
    tell(step.deliveries);
  }
  return told;
}

describe('the order of notification messages', () => {
  test('counts by one, and a keep-alive announces without counting', () => {
    expect(run('1', '2', 'k3', 'k3', '3')).toEqual(['1', '2', 'k3', 'k3', '3']);
    expect(run('k1', '1')).toEqual(['k1', '1']);
  });

  test('a number that never came is a gap, also where only a keep-alive tells', () => {
    expect(run('1', '3')).toEqual(['1', 'gap 3']);
    expect(run('1', 'k5', '5')).toEqual(['1', 'gap k5', '5']);
  });

  test('a message that comes again, or behind a later one, is left out', () => {
    expect(run('1', '2', '2', '5', '3')).toEqual(['1', '2', 'gap 5']);
  });

  test('the count wraps to 1', () => {
    const around = ['4294967294', '4294967295', '1', 'k2', '2'];
    expect(run(...around, '4294967295')).toEqual(around);
  });

  test('during a repair a live message waits for the republished ones', () => {
    expect(run('1', '2', '(', '3', '6', '4', '7', 'k8', '5', ')', '8')).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
      '7',
      '8',
    ]);
  });

  test('what the repair could not bring is a gap', () => {
    expect(run('1', '(', '5', '4', '4', ')', '6')).toEqual(['1', 'gap 4', '5', '6']);
  });

  test('any order within a repair comes out in order, each message once', () => {
    const shuffled = fc.shuffledSubarray(['2', '3', '4', '5', '6'], { minLength: 5 });
    fc.assert(
      fc.property(shuffled, fc.boolean(), (messages, twice) => {
        const again = twice ? messages : [];
        expect(run('1', '(', ...messages, ...again, ')', '7')).toEqual([
          '1',
          '2',
          '3',
          '4',
          '5',
          '6',
          '7',
        ]);
      }),
    );
  });
});
