import { describe, expect, test } from 'vitest';
import { allCommands } from './all-commands.ts';
import { helpText, readCommandLine } from './read-command-line.ts';

function read(line: string) {
  const result = readCommandLine(line.split(' '), allCommands);
  if (!result.ok) return result.refusal.message;
  const { command, options, words } = result.value;
  return { name: command.name, options, words };
}

describe('a command line', () => {
  test('names a command of one word or two', () => {
    expect(read('check a.yaml')).toEqual({ name: 'check', options: {}, words: ['a.yaml'] });
    expect(read('gateway add --id gw-1 --site=berlin')).toEqual({
      name: 'gateway add',
      options: { id: 'gw-1', site: 'berlin' },
      words: [],
    });
    expect(read('export-lane --evidence --config a')).toMatchObject({
      options: { evidence: true, config: 'a' },
    });
  });

  test('without a command runs the hub', () => {
    expect(read('--config hub.yaml')).toMatchObject({
      name: 'run',
      options: { config: 'hub.yaml' },
    });
  });

  test.each([
    ['gateway', 'there is no command "gateway"'],
    ['gateway remove', 'there is no command "gateway remove"'],
    ['run --colour red', 'run has no option --colour'],
    ['run --config', '--config needs a value'],
    ['export-lane --evidence=yes', '--evidence takes no value'],
    ['run hub.yaml', 'run does not take "hub.yaml"'],
    ['check a b', 'check does not take "b"'],
  ])('%j is refused: %s', (line, message) => {
    expect(read(line)).toBe(message);
  });

  test('help names every command once', () => {
    const help = helpText(allCommands);
    for (const { name, summary } of allCommands) {
      expect(help.split(`\n  ${name} `)).toHaveLength(2);
      expect(help).toContain(summary);
    }
  });
});
