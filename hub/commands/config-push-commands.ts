import { Fault } from '#contracts/fault.ts';
import { createFleetConfig } from '../fleet-config/fleet-config.ts';
import type { Store } from '../store/store.ts';
import type { Command, CommandOptions } from './command.ts';
import { requiredOption } from './option.ts';
import { orFault } from './or-fault.ts';
import { patiently, withStore } from './with-store.ts';

export const configPushCommand: Command = {
  name: 'config push',
  usage: '--config FILE --version N (--gateways ID,ID… | --site SITE | --all) [--wave-size N]',
  summary: 'give a version to gateways, wave by wave; the running hub does it',
  options: {
    config: { type: 'string' },
    version: { type: 'string' },
    gateways: { type: 'string' },
    site: { type: 'string' },
    all: { type: 'boolean' },
    'wave-size': { type: 'string' },
  },
  async run(context, options) {
    const version = numberOption(options, 'version');
    const waveSize = options['wave-size'] === undefined ? 1 : numberOption(options, 'wave-size');
    await withStore(context, options, async (store) => {
      const gateways = await gatewaysOf(store, options);
      const service = createFleetConfig(store, context.clock);
      const author = 'command line';
      const of = { version, gateways, waveSize, author };
      const push = orFault(await patiently(() => service.push(of)));
      context.log.info({ push, version, gateways, waveSize }, 'config-push.asked');
      const waves = Math.ceil(gateways.length / waveSize);
      await context.out({ push, version, gateways, waves, state: 'running' });
    });
  },
};

export const configPushesCommand: Command = {
  name: 'config pushes',
  usage: '--config FILE',
  summary: 'print the latest pushes and what became of them at each gateway, one JSON line each',
  options: { config: { type: 'string' } },
  async run(context, options) {
    await withStore(context, options, async (store) => {
      const { pushes } = await createFleetConfig(store, context.clock).pushes();
      for (const push of pushes) await context.out(push);
    });
  },
};

export const configCancelCommand: Command = {
  name: 'config cancel',
  usage: '--config FILE --push N',
  summary: 'begin no further wave of a push; gateways that have the version keep it',
  options: { config: { type: 'string' }, push: { type: 'string' } },
  async run(context, options) {
    const push = numberOption(options, 'push');
    await withStore(context, options, async (store) => {
      const service = createFleetConfig(store, context.clock);
      orFault(await patiently(() => service.cancel(push, 'command line')));
      context.log.warn({ push }, 'config-push.cancelled');
      await context.out({ push, state: 'cancelled' });
    });
  },
};

export const configStatusCommand: Command = {
  name: 'config status',
  usage: '--config FILE',
  summary: 'print where each gateway stands: version in force, wanted, drift, last refusal',
  options: { config: { type: 'string' } },
  async run(context, options) {
    await withStore(context, options, async (store) => {
      const { gateways } = await createFleetConfig(store, context.clock).fleet();
      for (const gateway of gateways) await context.out(gateway);
    });
  },
};

async function gatewaysOf(store: Store, options: CommandOptions): Promise<string[]> {
  const { all, gateways, site } = options;
  const given = [all, gateways, site].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw new Fault('BAD_INPUT', 'name the gateways by one of --gateways, --site and --all');
  }
  if (typeof gateways === 'string') {
    return [...new Set(gateways.split(',').map((one) => one.trim()))].filter((one) => one !== '');
  }
  let query = store.read
    .selectFrom('gateway')
    .select('gateway')
    .where('revoked_at', 'is', null)
    .orderBy('site')
    .orderBy('gateway');
  if (typeof site === 'string') query = query.where('site', '=', site);
  const rows = await query.execute();
  if (rows.length === 0) throw new Fault('NOT_FOUND', 'no gateway is registered there');
  return rows.map(({ gateway }) => gateway);
}

/** @throws Fault BAD_INPUT for what is no number from 1 on. */
export function numberOption(options: CommandOptions, name: string): number {
  const value = Number(requiredOption(options, name));
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new Fault('BAD_INPUT', `--${name} must be a number from 1 on`);
}
