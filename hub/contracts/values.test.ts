import { describe, expect, test } from 'vitest';
import { Fault } from './fault.ts';
import { eventId, parseGatewayId } from './ids.ts';
import { addMoney, money, roundMinor } from './money.ts';
import { addressOf, inboxPrefix, subjectOf, subjectOfAll } from './subjects.ts';
import { defaultTenant, parseSiteId } from './ids.ts';
import { celsiusToMilliC, dbmToCdbm, fahrenheitToMilliC, percentToPermille } from './units.ts';

describe('names', () => {
  test.each(['lyon-1', 'a', '0', 'a'.repeat(40)])('accepts %s', (text) => {
    expect(parseGatewayId(text)).toBe(text);
  });

  test.each(['', 'Lyon', 'a.b', 'a b', '-a', 'a-', '*', '>', '../x', 'a'.repeat(41), 'é'])(
    'refuses "%s", which could leave its subject or folder',
    (text) => {
      expect(() => parseGatewayId(text)).toThrow(Fault);
    },
  );

  test('name an event by gateway, epoch and sequence', () => {
    expect(eventId({ gateway: 'lyon-1', epoch: 3, seq: 912_077 })).toBe('lyon-1/3/912077');
  });
});

describe('subjects', () => {
  const address = {
    tenant: defaultTenant,
    site: parseSiteId('lyon'),
    gateway: parseGatewayId('lyon-1'),
  };

  test('lead from address to subject and back', () => {
    const subject = subjectOf(address, 'up');
    expect(subject).toBe('hf.1.main.lyon.lyon-1.up');
    expect(addressOf(subject)).toEqual({ site: 'lyon', gateway: 'lyon-1' });
    expect(subjectOfAll(defaultTenant, 'up')).toBe('hf.1.main.*.*.up');
  });

  test('give every gateway an inbox of its own', () => {
    const other = { ...address, gateway: parseGatewayId('lyon-2') };
    expect(inboxPrefix(address)).not.toBe(inboxPrefix(other));
  });

  test('refuse an address that is none', () => {
    expect(() => addressOf('hf.1.main')).toThrow(Fault);
  });
});

describe('units', () => {
  test('become integers of the unit in the name', () => {
    expect(celsiusToMilliC(27.34)).toBe(27_340);
    expect(celsiusToMilliC(-0.0001)).toBe(0);
    expect(fahrenheitToMilliC(41)).toBe(5000);
    expect(percentToPermille(44.72)).toBe(447);
    expect(dbmToCdbm(-34)).toBe(-3400);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 1e300])('say nothing of %s', (value) => {
    expect(celsiusToMilliC(value)).toBeUndefined();
  });
});

describe('money', () => {
  test('adds within one currency and refuses to mix two', () => {
    expect(addMoney(money(1050, 'EUR'), money(-50, 'EUR'))).toEqual(money(1000, 'EUR'));
    expect(() => addMoney(money(1, 'EUR'), money(1, 'USD'))).toThrow('cannot add');
  });

  test('takes whole minor units of an ISO 4217 currency only', () => {
    expect(() => money(0.5, 'EUR')).toThrow('safe integer');
    expect(() => money(1, 'euro')).toThrow('ISO 4217');
  });

  test('rounds half away from zero', () => {
    expect([0.5, 1.5, -0.5, -1.5, 2.4, -2.4, -0.1].map(roundMinor)).toEqual([
      1, 2, -1, -2, 2, -2, 0,
    ]);
  });
});
