import { assert } from './assert.ts';

/** An amount in integer minor units (cents) of one currency (ISO 4217). */
export interface Money {
  readonly minor: number;
  readonly currency: string;
}

/** @throws when the amount is no safe integer or the currency no ISO 4217 code. */
export function money(minor: number, currency: string): Money {
  assert(Number.isSafeInteger(minor), `money must be a safe integer of minor units, got ${minor}`);
  assert(/^[A-Z]{3}$/.test(currency), `currency must be an ISO 4217 code, got "${currency}"`);
  return { minor, currency };
}

/** Adds two amounts of the same currency; mixing currencies is a programmer error. */
export function addMoney(a: Money, b: Money): Money {
  assert(a.currency === b.currency, `cannot add ${a.currency} and ${b.currency}`);
  return money(a.minor + b.minor, a.currency);
}

/** Rounds half away from zero: the one rounding rule for money. */
export function roundMinor(value: number): number {
  const rounded = Math.sign(value) * Math.round(Math.abs(value));
  return rounded === 0 ? 0 : rounded;
}
