import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Fault } from '#contracts/fault.ts';
import { profileOf } from '../../devices/registry.ts';
import { describeFault } from '#contracts/config-fault.ts';
import { checkConfigText, configFaultsOf } from '../config/load-config.ts';
import { gatewayClient } from '../live/gateway-client.ts';
import type { ApplyReport } from '../live/config-applier.ts';
import type { Command, CommandContext } from './command.ts';
import { ownConfig } from './own-config.ts';
import { optionOf } from './option-of.ts';

export const applyCommand: Command = {
  name: 'apply',
  word: 'NEWFILE',
  options: { config: { value: 'FILE', required: true } },
  summary:
    'put in force, in the running gateway, what its config file holds now, or what NEWFILE holds, ' +
    'which then becomes its config file; touches only what is different',
  async run(context, options, word) {
    const file = resolve(context.cwd, optionOf(options, 'config'));
    const candidate = word === undefined ? file : resolve(context.cwd, word);
    const text = readFileSync(candidate, 'utf8');
    // Looked through as if it stood in the gateway's own file: there its paths begin.
    const check = checkConfigText(text, file, profileOf);
    if (check.config === undefined) {
      context.say(`${candidate} is not applied:`);
      for (const fault of check.faults) context.say(`  ${describeFault(fault)}`);
      return 2;
    }
    for (const one of check.warnings) context.say(`  warning: ${describeFault(one)}`);
    const running = word === undefined ? check.config : ownConfig(context, file);
    const client = gatewayClient(running, file, profileOf);
    try {
      const answer = await client.ask('POST', '/config', word === undefined ? undefined : text);
      const { warnings: _said, ...report } = (await answer.json()) as ApplyReport;
      await context.out(JSON.stringify(report));
      return 0;
    } catch (error) {
      return refused(context, error);
    }
  },
};

/** The gateway says why not, and that the former one is in force. */
function refused(context: CommandContext, error: unknown): number {
  if (!(error instanceof Fault)) throw error;
  context.say(`${error.code}: ${error.message}`);
  for (const fault of configFaultsOf(error.details)) context.say(`  ${describeFault(fault)}`);
  return error.code === 'CONFIG_INVALID' || error.code === 'CONFLICT' ? 2 : 1;
}
