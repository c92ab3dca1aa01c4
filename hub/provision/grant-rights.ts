import type { HubConfig } from '../config/hub-config.ts';
import type { Store } from '../store/store.ts';
import { reloadNats, type Reloaded } from './reload-nats.ts';
import { writeNatsConfig } from './write-nats-config.ts';

/** What became of nats-server's rights, and what a person still has to do. */
export type Granted =
  | { readonly configFile: null; readonly next: string }
  | { readonly configFile: string; readonly reload: Reloaded; readonly next: string | null };

/**
 * Brings the rights of everybody who may connect to nats-server: those who are new come in, live
 * sessions of those who are not listed any more are cut.
 *
 * @param hubNkey the hub's own public nkey
 */
export async function grantRights(
  store: Store,
  config: Pick<HubConfig, 'tenant' | 'natsServer'>,
  hubNkey: string,
): Promise<Granted> {
  const { natsServer } = config;
  if (natsServer === undefined) {
    return { configFile: null, next: 'change who may log in where NATS is run' };
  }
  await writeNatsConfig({ ...config, natsServer }, hubNkey, store);
  const { configFile, pidFile } = natsServer;
  const reload: Reloaded =
    pidFile === undefined
      ? { reloaded: false, why: 'no pid file is configured' }
      : await reloadNats(pidFile);
  const byHand = `nats-server --signal reload=${pidFile ?? 'PID'}`;
  return { configFile, reload, next: reload.reloaded ? null : `where it runs: ${byHand}` };
}
