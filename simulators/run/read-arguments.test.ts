import { describe, expect, test } from 'vitest';
import { readArguments, readOutages } from './read-arguments.ts';

const rules = {
  sites: { type: 'number', min: 1, max: 20, otherwise: 2 },
  rate: { type: 'number', min: 1, max: 4000, otherwise: 100 },
  gateway: { type: 'text', many: true },
  outage: { type: 'text' },
  check: { type: 'flag' },
} as const;

describe('command line', () => {
  test('gives what was typed, and the defaults of what was not', () => {
    const read = readArguments(['--sites', '3', '--check', '--gateway', 'a', '--gateway=b'], rules);
    expect(read).toEqual({
      faults: [],
      numbers: { sites: 3, rate: 100 },
      texts: { gateway: ['a', 'b'], outage: [] },
      flags: new Set(['check']),
      given: new Set(['sites', 'check', 'gateway']),
    });
  });

  test('names every fault at once', () => {
    const typed = ['now', '--sites', '0', '--rate=fast', '--speed', '9', '--check=1', '--outage'];
    const read = readArguments(typed, rules);
    expect(read.faults).toEqual([
      'now: is no option',
      '9: is no option',
      '--sites: 0 is no whole number from 1 to 20',
      '--rate: fast is no whole number from 1 to 4000',
      '--speed: there is no such option',
      '--check: takes no value',
      '--outage: needs a value',
    ]);
  });

  test('refuses one option twice', () => {
    const read = readArguments(['--sites', '1', '--sites', '2'], rules);
    expect(read).toMatchObject({ faults: ['--sites: is given more than once'] });
  });
});

describe('outage plan', () => {
  test('is a list of stretches in seconds', () => {
    expect(readOutages('20-35, 50-55', 60)).toEqual([
      { fromS: 20, toS: 35 },
      { fromS: 50, toS: 55 },
    ]);
  });

  test.each(['35-20', '20', '20-35,30-40', '50-70', 'x-y'])('is refused as %s', (text) => {
    expect(readOutages(text, 60)).toBeTypeOf('string');
  });
});
