import { resolve } from 'node:path';
import { Fault, type Result } from '#contracts/fault.ts';
import { profileOf } from '../../devices/registry.ts';
import { describeFault } from '../config/config-fault.ts';
import { gatewayConfig, type GatewayConfig } from '../config/gateway-config.ts';
import { configFaultsOf, loadConfig } from '../config/load-config.ts';
import type { Command, CommandContext } from './command.ts';
import { optionOf } from './option-of.ts';

/** As for a command that was called wrongly: nothing was started. */
const faultyConfig = 2;

/** As pino names them. */
const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

export const runCommand: Command = {
  name: 'run',
  options: {
    config: { value: 'FILE', required: true },
    'log-level': { value: 'LEVEL', oneOf: logLevels },
  },
  summary: 'run the gateway until it is told to stop (also without the word run)',
  async run(context, options) {
    const loaded = load(context, optionOf(options, 'config'));
    if (!loaded.ok) return faultyConfig;
    // Loaded here alone, so that the other commands start without the servers.
    const { createLog, runGateway } = await import('../main.ts');
    await runGateway(loaded.value, createLog(options['log-level'] ?? 'info'));
    return await new Promise<never>(() => {});
  },
};

export const checkCommand: Command = {
  name: 'check',
  word: 'FILE',
  options: { config: { value: 'FILE' } },
  summary: 'say every fault of a config file at once',
  async run(context, options, word) {
    const file = word ?? options['config'];
    if (file === undefined) throw new Fault('BAD_INPUT', 'name the config file to check');
    const loaded = load(context, file);
    if (!loaded.ok) return faultyConfig;
    await context.out(JSON.stringify({ ok: true, config: resolve(context.cwd, file) }));
    return 0;
  },
};

export const schemaCommand: Command = {
  name: 'schema',
  options: {},
  summary: 'print the JSON Schema of the config file',
  async run(context) {
    const $schema = 'https://json-schema.org/draft/2020-12/schema';
    await context.out(JSON.stringify({ $schema, ...gatewayConfig }, undefined, 2));
    return 0;
  },
};

function load(context: CommandContext, file: string): Result<GatewayConfig> {
  const loaded = loadConfig(resolve(context.cwd, file), profileOf);
  if (loaded.ok) return loaded;
  context.say(loaded.refusal.message);
  for (const fault of configFaultsOf(loaded.refusal.details)) {
    context.say(`  ${describeFault(fault)}`);
  }
  return loaded;
}
