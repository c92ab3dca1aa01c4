import { Fault } from '#contracts/fault.ts';
import type { CommandOptions } from './command.ts';

/** How long to look, in whole seconds; 10 unless it is said. @throws Fault BAD_INPUT */
export function secondsOf({ seconds = '10' }: CommandOptions): number {
  const value = Number(seconds);
  if (Number.isInteger(value) && value >= 1 && value <= 600) return value;
  throw new Fault('BAD_INPUT', '--seconds takes a whole number from 1 to 600');
}
