import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { stringify } from 'yaml';
import { Fault } from '#contracts/fault.ts';
import { parseTenantId } from '#contracts/ids.ts';
import type { Clock } from '#contracts/time.ts';
import { accessStoreOf } from '../access/access-store.ts';
import { bootstrapUsername, createPeople, newPassword } from '../access/people.ts';
import type { RandomBytes } from '../access/random-bytes.ts';
import type { HubConfig } from '../config/hub-config.ts';
import { configFault } from '../config/load-hub-config.ts';
import { parseHubConfig } from '../config/parse-hub-config.ts';
import { openHubStore } from '../open-hub-store.ts';
import { createHubSecrets } from './hub-secrets.ts';
import { writeAtomic } from './write-atomic.ts';
import { writeNatsConfig } from './write-nats-config.ts';

export interface InitRequest {
  readonly folder: string;
  readonly tenant: string;
  readonly httpPort: number;
  readonly natsPort: number;
  /** Files of nats-server's certificate, and the host name that stands in it. */
  readonly natsTls?:
    | {
        readonly certFile: string;
        readonly keyFile: string;
        readonly caFile?: string;
        readonly name?: string;
      }
    | undefined;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Logger;
}

/** What a person needs once, and the password only now: nobody can read it again. */
export interface InitResult {
  readonly config: string;
  readonly natsConfig: string;
  readonly publicKey: string;
  readonly url: string;
  readonly administrator: { readonly username: string; readonly password: string };
}

/**
 * Sets a hub up in an empty folder: config file, keys, store, administrator, rights of nats-server.
 * The config file is written last, so that an interrupted run can be repeated; keys that are there
 * are kept.
 *
 * @throws Fault CONFLICT when the folder holds a hub already, BAD_INPUT for names and ports.
 */
export async function initHub(request: InitRequest): Promise<InitResult> {
  const { folder, clock, random, log } = request;
  const file = join(folder, 'hub.yaml');
  if (await exists(file)) {
    throw new Fault('CONFLICT', `${file} is there already: a hub is never overwritten`);
  }
  parseTenantId(request.tenant);
  const text = stringify(initialConfig(request));
  const { config, faults } = parseHubConfig(text, folder);
  if (config === undefined) throw configFault(file, faults);
  const { natsServer } = config;
  if (natsServer === undefined) throw new Fault('INTERNAL', 'a new hub runs its own NATS');

  await mkdir(folder, { recursive: true, mode: 0o700 });
  const secrets = await createHubSecrets(config.keysDir, random);
  const store = await openHubStore({ file: config.store.file, clock, log });
  const password = newPassword(random);
  try {
    const people = createPeople({ store: accessStoreOf(store), clock, random });
    await people.put({ username: bootstrapUsername, role: 'administrator', password });
    await writeNatsConfig({ ...config, natsServer }, secrets.loginPublic, store);
  } finally {
    await store.close();
  }
  await writeAtomic(file, `${heading}${text}`);
  return {
    config: file,
    natsConfig: natsServer.configFile,
    publicKey: secrets.key.publicKey,
    url: `http://127.0.0.1:${request.httpPort}`,
    administrator: { username: bootstrapUsername, password },
  };
}

const heading = `# Holdfast hub. Paths are relative to this file; "hub schema" explains every setting.\n`;

function initialConfig(request: InitRequest): HubConfig {
  const host = '127.0.0.1';
  const { natsTls, natsPort } = request;
  const { name = host, ...files } = natsTls ?? {};
  const { caFile } = natsTls ?? {};
  const scheme = natsTls === undefined ? 'nats' : 'tls';
  return {
    tenant: request.tenant,
    store: { file: 'data/hub.sqlite' },
    keysDir: 'keys',
    http: { host, port: request.httpPort },
    nats: {
      servers: [`${scheme}://${name}:${natsPort}`],
      ...(caFile !== undefined && { tls: { caFile } }),
    },
    natsServer: {
      configFile: 'nats-server.conf',
      host,
      port: natsPort,
      ...(natsTls && { tls: { certFile: natsTls.certFile, keyFile: natsTls.keyFile, ...files } }),
      storeDir: 'nats',
      storeBytes: 4 * 1024 ** 3,
      pidFile: 'nats-server.pid',
    },
  };
}

function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
