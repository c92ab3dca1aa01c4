import { once } from 'node:events';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { Fault, messageOf } from '#contracts/fault.ts';
import type { Command, CommandContext } from './commands/command.ts';
import { checkCommand, runCommand, schemaCommand } from './commands/config-commands.ts';
import {
  exportIntakeCommand,
  exportJournalCommand,
  verifyJournalCommand,
} from './commands/export-commands.ts';
import { initCommand } from './commands/init-command.ts';

const commands: readonly Command[] = [
  runCommand,
  checkCommand,
  schemaCommand,
  initCommand,
  exportIntakeCommand,
  exportJournalCommand,
  verifyJournalCommand,
];

const optionNames = [
  'config',
  'log-level',
  'data',
  'dir',
  'tenant',
  'site',
  'id',
  'hub-server',
  'hub-key',
];

const context: CommandContext = {
  // npm changes to the package's folder; paths count from where the person is.
  cwd: process.env['INIT_CWD'] ?? process.cwd(),
  async out(line) {
    if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
  },
  say: (line) => void process.stderr.write(`${line}\n`),
};

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals, help } = readArguments(argv);
  const found = commands.find(({ name }) => `${positionals.join(' ')} `.startsWith(`${name} `));
  const command =
    found ?? (positionals.length === 0 && 'config' in values ? runCommand : undefined);
  if (help || command === undefined) {
    printHelp();
    return help ? 0 : 2;
  }
  const words = found === undefined ? [] : positionals.slice(command.name.split(' ').length);
  return await command.run(context, values, words);
}

function readArguments(argv: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = Object.fromEntries(optionNames.map((name) => [name, text]));
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: { ...options, help: { type: 'boolean' } },
      allowPositionals: true,
    });
    const { help, ...given } = values;
    return { values: given as Record<string, string>, positionals, help: help === true };
  } catch (cause) {
    throw new Fault('BAD_INPUT', messageOf(cause), { cause });
  }
}

function printHelp(): void {
  context.say('usage: npm run gateway -- COMMAND');
  for (const { name, usage, summary } of commands) {
    context.say(`  ${`${name} ${usage}`.trim()}\n      ${summary}`);
  }
}

process.stdout.on('error', () => process.exit(1));
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Fault)) throw error;
  context.say(`${error.code}: ${error.message}`);
  process.exitCode = error.code === 'BAD_INPUT' || error.code === 'CONFIG_INVALID' ? 2 : 1;
}
