import { describe, expect, test } from 'vitest';
import { helpText } from './command-help.ts';
import { countedLines } from './counted-words.ts';
import { readArguments, readOutages } from './read-arguments.ts';

const rules = {
  sites: { type: 'number', min: 1, max: 20, otherwise: 2, does: 'so many sites' },
  rate: { type: 'number', min: 1, max: 4000, otherwise: 100, does: 'tag reads per second' },
  gateway: { type: 'text', value: 'FILE', many: true, does: 'a gateway that runs' },
  outage: { type: 'text', value: 'FROM-TO', does: 'when the link is cut' },
  check: { type: 'flag', does: 'ends by itself' },
} as const;

describe('command line', () => {
  test('gives what was typed, and the defaults of what was not', () => {
    const read = readArguments(['--sites', '3', '--check', '--gateway', 'a', '--gateway=b'], rules);
    expect(read).toEqual({
      help: false,
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

  test.each([['--help'], ['-h'], ['--sites', '0', '--help']])('%s asks for help', (...typed) => {
    expect(readArguments(typed, rules).help).toBe(true);
  });

  test('help names every option with its value, its range and its default', () => {
    const exits = { 0: 'all is well' };
    expect(helpText({ name: 'try', does: 'Tries it.', options: rules, exits })).toBe(`\
Usage: npm run try -- [options]

Tries it.

Options:
  --sites N         so many sites (1 to 20; default 2)
  --rate N          tag reads per second (1 to 4000; default 100)
  --gateway FILE    a gateway that runs (may be given again)
  --outage FROM-TO  when the link is cut
  --check           ends by itself
  --help            this text

Exit codes:
  0    all is well
  2    the command line is wrong
  130  interrupted before its end
`);
  });

  test('help says how the figures of a run relate, where there are any', () => {
    const command = { name: 'try', does: 'Tries it.', options: {}, exits: {} };
    const help = helpText({ ...command, counted: countedLines() });
    const words = ['made', 'covered', 'uncovered', 'acknowledged', 'journalled', 'committed'];
    for (const word of [...words, 'waiting', 'lost', 'doubled']) {
      expect(help).toMatch(new RegExp(`^  ${word} +[a-z]`, 'm'));
    }
    expect(helpText(command)).not.toContain('Counted:');
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
