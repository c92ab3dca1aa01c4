import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Fault } from '#contracts/fault.ts';
import { profileOf } from '../../devices/registry.ts';
import { describeFault } from '#contracts/config-fault.ts';
import { configFaultsOf } from '../config/load-config.ts';
import type { OverrideView } from '../downlink/local-override.ts';
import { gatewayClient, type GatewayClient } from '../live/gateway-client.ts';
import type { Command, CommandContext, CommandOptions } from './command.ts';
import { optionOf } from './option-of.ts';
import { ownConfig } from './own-config.ts';

/**
 * What a site engineer does when the hub is away or wrong: sections of the config that stand in for
 * those of the hub for a while, by a running gateway.
 */

const config = { value: 'FILE', required: true } as const;
const by = { value: 'PERSON', required: true } as const;

export const beginOverrideCommand: Command = {
  name: 'override begin',
  word: 'SECTIONS',
  options: {
    config,
    by,
    reason: { value: 'TEXT', required: true },
    hours: { value: 'N', required: true },
  },
  summary:
    'put the sections of a file in force for some hours, whatever the hub wants; recorded with ' +
    'person and reason; then the gateway goes back by itself',
  async run(context, options, word) {
    if (word === undefined) throw new Fault('BAD_INPUT', 'name the file with the sections');
    const hours = Number(optionOf(options, 'hours'));
    if (!(hours > 0)) throw new Fault('BAD_INPUT', '--hours must be a number above 0');
    const text = readFileSync(resolve(context.cwd, word), 'utf8');
    const forMs = Math.round(hours * 3_600_000);
    const asked = { by: optionOf(options, 'by'), forMs, reason: optionOf(options, 'reason'), text };
    const client = running(context, options);
    try {
      const answer = await client.ask('POST', '/config/override', JSON.stringify(asked));
      await context.out(JSON.stringify(shown((await answer.json()) as OverrideView)));
      return 0;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      for (const fault of configFaultsOf(error.details)) context.say(`  ${describeFault(fault)}`);
      throw error;
    }
  },
};

export const endOverrideCommand: Command = {
  name: 'override end',
  options: { config, by },
  summary: 'end a local override now: what the hub wants by now is in force, or what was before',
  async run(context, options) {
    const body = JSON.stringify({ by: optionOf(options, 'by') });
    const answer = await running(context, options).ask('POST', '/config/override/end', body);
    await context.out(JSON.stringify(await answer.json()));
    return 0;
  },
};

export const showOverrideCommand: Command = {
  name: 'override show',
  options: { config },
  summary: 'the local override that is in force: by whom, why, until when',
  async run(context, options) {
    const answer = await running(context, options).ask('GET', '/config/override');
    const { override } = (await answer.json()) as { override: OverrideView | null };
    await context.out(JSON.stringify({ override: override === null ? null : shown(override) }));
    return 0;
  },
};

function running(context: CommandContext, options: CommandOptions): GatewayClient {
  const file = resolve(context.cwd, optionOf(options, 'config'));
  return gatewayClient(ownConfig(context, file), file, profileOf);
}

function shown({ sinceMs, untilMs, ...rest }: OverrideView) {
  const iso = (ms: number) => new Date(ms).toISOString();
  return { ...rest, since: iso(sinceMs), until: iso(untilMs) };
}
