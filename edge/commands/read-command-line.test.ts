import { describe, expect, test } from 'vitest';
import { allCommands } from './all-commands.ts';
import { helpText, readCommandLine } from './read-command-line.ts';

function read(line: string) {
  const typed = line.split(' ').filter((word) => word !== '');
  const result = readCommandLine(typed, allCommands);
  if (!result.ok) return `${result.refusal.code}: ${result.refusal.message}`;
  if ('helpOn' in result.value) {
    const { helpOn } = result.value;
    return `help on ${helpOn === allCommands ? 'all' : helpOn.map(({ name }) => name).join(', ')}`;
  }
  const { command, options, word } = result.value;
  return { name: command.name, options, word };
}

describe('a command line', () => {
  test('names a command of one word or two, with its options in any place', () => {
    expect(read('check a.yaml')).toEqual({ name: 'check', options: {}, word: 'a.yaml' });
    const verify = { name: 'journal verify', options: { data: 'd' }, word: undefined };
    expect(read('journal verify --data=d')).toEqual(verify);
    expect(read('--data d journal verify')).toEqual(verify);
    expect(read('init --dir d --site s --id g --hub-key=-k')).toMatchObject({
      options: { dir: 'd', site: 's', id: 'g', 'hub-key': '-k' },
    });
  });

  test('takes a lone dash for what it is, standard input', () => {
    const enroll = { name: 'enroll', options: { dir: 'd', 'token-file': '-' } };
    expect(read('enroll --dir d --token-file -')).toMatchObject(enroll);
    expect(read('enroll --token-file - --dir d')).toMatchObject(enroll);
    expect(read('enroll --dir d --token-file=-')).toMatchObject(enroll);
    expect(read('replace --dir d --token-file -')).toMatchObject({ name: 'replace' });
  });

  test('that begins with an option runs the gateway', () => {
    const run = { name: 'run', options: { config: 'a', 'log-level': 'debug' }, word: undefined };
    expect(read('--config a --log-level debug')).toEqual(run);
    expect(read('run --log-level debug --config a')).toEqual(run);
  });

  test.each([
    ['', 'name a command'],
    ['what', 'there is no command "what"'],
    ['what --help', 'there is no command "what"'],
    ['intake', 'there is no command "intake"'],
    ['journal prune', 'there is no command "journal prune"'],
    ['--nonsense', 'run has no option --nonsense'],
    ['-x', 'run has no option -x'],
    ['--config=a -c', 'run has no option -c'],
    ['run', '--config is missing'],
    ['run --config', '--config needs a value'],
    ['run --config=', '--config needs a value'],
    ['run --config --log-level debug', '--config needs a value'],
    ['run --config a --log-level', '--log-level needs a value'],
    ['run --config a --config b', '--config is given twice'],
    ['run --config a b', 'run does not take "b"'],
    ['run --config a --data d', 'run has no option --data'],
    ['run --config a --constructor x', 'run has no option --constructor'],
    ['check a b', 'check does not take "b"'],
    ['check --log-level info a', 'check has no option --log-level'],
    ['schema --config a', 'schema has no option --config'],
    ['schema all', 'schema does not take "all"'],
    ['init --dir d --id g', '--site is missing'],
    ['init --dir d --site s', '--id is missing'],
    ['init --site s --id g', '--dir is missing'],
    ['init --dir d --site s --id g --hub-server', '--hub-server needs a value'],
    ['intake export', '--data is missing'],
    ['journal export --data', '--data needs a value'],
    ['journal verify d', 'journal verify does not take "d"'],
  ])('%j is refused: %s', (line, message) => {
    expect(read(line)).toBe(`BAD_INPUT: ${message}`);
  });

  test('names the levels that the log has when another one is asked for', () => {
    expect(read('run --config a --log-level bogus')).toBe(
      'BAD_INPUT: --log-level does not take "bogus": ' +
        'use one of fatal, error, warn, info, debug, trace, silent',
    );
  });
});

describe('help', () => {
  test.each(['--help', '-h', 'help', '--config a --help', 'help --help'])(
    '%s is on all',
    (line) => {
      expect(read(line)).toBe('help on all');
    },
  );

  test.each(allCommands)('is there on $name alone, whatever else is wrong', ({ name }) => {
    expect(read(`${name} --help`)).toBe(`help on ${name}`);
    expect(read(`${name} --nonsense -h`)).toBe(`help on ${name}`);
  });

  test('is about the commands that begin with the word that was typed', () => {
    expect(read('help init')).toBe('help on init');
    expect(read('journal --help')).toBe('help on journal export, journal verify');
    expect(read('help intake')).toBe('help on intake export');
    expect(read('help fly')).toMatch(/^BAD_INPUT/);
    expect(read('journal prune --help')).toMatch(/^BAD_INPUT/);
  });

  test('names every command with its options once', () => {
    const lines = helpText(allCommands).split('\n');
    for (const { name, options, summary } of allCommands) {
      const [usage, ...more] = lines.filter((line) => `${line} `.startsWith(`  ${name} `));
      expect(more).toEqual([]);
      for (const option of Object.keys(options)) expect(usage).toContain(`--${option} `);
      expect(lines).toContain(`      ${summary}`);
    }
    expect(lines).toContain('  run --config FILE [--log-level LEVEL]');
  });
});
