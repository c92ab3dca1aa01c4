import { Fault } from '#contracts/fault.ts';
import type { HubConfig } from '../config/hub-config.ts';
import { loadHubConfig } from '../config/load-hub-config.ts';
import { openHubStore } from '../open-hub-store.ts';
import type { Store } from '../store/store.ts';
import type { CommandContext, CommandOptions } from './command.ts';
import { pathOption } from './option.ts';

/** Opens the store that `--config` names, beside a running hub or without one, for one command. */
export async function withStore<T>(
  context: CommandContext,
  options: CommandOptions,
  work: (store: Store, config: HubConfig) => Promise<T>,
): Promise<T> {
  const config = await loadHubConfig(pathOption(context, options, 'config'));
  const { clock, log } = context;
  const store = await patiently(() => openHubStore({ file: config.store.file, clock, log }));
  try {
    return await work(store, config);
  } finally {
    await store.close();
  }
}

/** A running hub writes often: a command waits for its turn, some seconds long. */
export async function patiently<T>(work: () => Promise<T>, attempts = 20): Promise<T> {
  for (let left = attempts; ; left -= 1) {
    try {
      return await work();
    } catch (error) {
      if (left <= 1 || !(error instanceof Fault) || error.code !== 'UNAVAILABLE') throw error;
    }
  }
}
