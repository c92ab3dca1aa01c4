import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Fault, type Refusal } from '#contracts/fault.ts';
import { profileOf } from '../../devices/registry.ts';
import { describeFault } from '#contracts/config-fault.ts';
import { gatewayConfig, type GatewayConfig } from '../config/gateway-config.ts';
import {
  checkConfigFile,
  checkConfigText,
  configOf,
  type ConfigCheck,
} from '../config/load-config.ts';
import { readConfigFile } from '../config/read-config-file.ts';
import { configHash } from '../live/config-hash.ts';
import type { ConfigSource } from '../live/config-source.ts';
import { readKeptConfig } from '../live/kept-config.ts';
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
    const file = resolve(context.cwd, optionOf(options, 'config'));
    const start = startingConfig(context, file);
    if (start === undefined) return faultyConfig;
    await sayMissing(context, start.config, file);
    const source: ConfigSource = {
      file,
      ...(start.refused && { refused: start.refused }),
      check: (text) =>
        text === undefined
          ? checkConfigFile(file, profileOf)
          : checkConfigText(text, file, profileOf),
    };
    // Loaded here alone, so that the other commands start without the servers.
    const { createLog, runGateway } = await import('../main.ts');
    await runGateway(start.config, source, createLog(options['log-level'] ?? 'info'));
    return await new Promise<never>(() => {});
  },
};

export const checkCommand: Command = {
  name: 'check',
  word: 'FILE',
  options: { config: { value: 'FILE' } },
  summary:
    'say every fault of a config file at once, and what it hardly means; ends with 2 on faults',
  async run(context, options, word) {
    const file = word ?? options['config'];
    if (file === undefined) throw new Fault('BAD_INPUT', 'name the config file to check');
    const check = checkConfigFile(resolve(context.cwd, file), profileOf);
    sayFaults(context, check);
    if (check.config === undefined) return faultyConfig;
    const hash = configHash(check.config);
    const warnings = check.warnings.length;
    await context.out(JSON.stringify({ ok: true, config: check.file, hash, warnings }));
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

/**
 * What a start begins with: the file, or, where that has faults, what was last in force of it. A
 * site is not to stand still after a power cut because somebody left a file half edited.
 */
function startingConfig(
  context: CommandContext,
  file: string,
): { readonly config: GatewayConfig; readonly refused?: Refusal } | undefined {
  const check = checkConfigFile(file, profileOf);
  const loaded = configOf(check);
  if (loaded.ok) return { config: loaded.value };
  sayFaults(context, check);
  const { dataDir } = check;
  const kept = dataDir === undefined ? undefined : readKeptConfig(dataDir, file, profileOf);
  if (kept === undefined) return undefined;
  const since = new Date(kept.appliedAtMs).toISOString();
  context.say(
    `It is NOT in force: going on with what was, since ${since}. Mend it, then apply it.`,
  );
  return { config: kept.config, refused: loaded.refusal };
}

/** At the first start in the place of a dead box, before any device calls. */
async function sayMissing(context: CommandContext, { dataDir }: GatewayConfig, file: string) {
  if (!existsSync(join(dataDir, 'replacement.json'))) return;
  const { missingFiles } = await import('../replace/missing-files.ts');
  const text = readConfigFile(file);
  const missing = text.ok ? missingFiles(text.value, file) : [];
  if (missing.length > 0)
    context.say('On the former box alone, and devices are turned away without:');
  for (const fault of missing) context.say(`  ${describeFault(fault)}`);
}

function sayFaults(context: CommandContext, check: ConfigCheck): void {
  const loaded = configOf(check);
  if (!loaded.ok) context.say(loaded.refusal.message);
  for (const fault of check.faults) context.say(`  ${describeFault(fault)}`);
  for (const warning of check.warnings) context.say(`  warning: ${describeFault(warning)}`);
}
