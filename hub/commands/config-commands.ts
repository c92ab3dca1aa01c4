import { resolve } from 'node:path';
import { describeFault } from '#contracts/config-fault.ts';
import { Fault } from '#contracts/fault.ts';
import { hubConfig } from '../config/hub-config.ts';
import { configFault, loadHubConfig } from '../config/load-hub-config.ts';
import { checkStart } from '../provision/check-start.ts';
import { loadHubSecrets } from '../provision/hub-secrets.ts';
import type { Command } from './command.ts';
import { pathOption } from './option.ts';

export const checkCommand: Command = {
  name: 'check',
  usage: 'FILE',
  summary: 'say all at once for which a start would be refused; ends with 2 on faults',
  options: {},
  words: 1,
  async run(context, _options, [file]) {
    if (file === undefined) throw new Fault('BAD_INPUT', 'name the config file to check');
    const path = resolve(context.cwd, file);
    const { start, faults, warnings } = await checkStart(path);
    if (start === undefined) throw configFault(path, faults);
    for (const warning of warnings) context.say(`  warning: ${describeFault(warning)}\n`);
    await context.out({ ok: true, config: path, warnings: warnings.length });
  },
};

export const schemaCommand: Command = {
  name: 'schema',
  usage: '',
  summary: 'print the JSON Schema of the config file',
  options: {},
  async run(context) {
    await context.out({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'Holdfast hub',
      ...hubConfig,
    });
  },
};

export const publicKeyCommand: Command = {
  name: 'public-key',
  usage: '--config FILE',
  summary: 'print the key that gateways name in hub.publicKey',
  options: { config: { type: 'string' } },
  async run(context, options) {
    const config = await loadHubConfig(pathOption(context, options, 'config'));
    const { key } = await loadHubSecrets(config.keysDir);
    await context.out({ publicKey: key.publicKey, keyId: key.keyId });
  },
};
