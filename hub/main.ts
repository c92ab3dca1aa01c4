import { join } from 'node:path';
import { nkeyAuthenticator } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { Fault } from '#contracts/fault.ts';
import { parseTenantId } from '#contracts/ids.ts';
import type { Clock } from '#contracts/time.ts';
import { accessStoreOf } from './access/access-store.ts';
import { createPeople } from './access/people.ts';
import type { RandomBytes } from './access/random-bytes.ts';
import { Sessions } from './access/sessions.ts';
import { createSignIn } from './access/sign-in.ts';
import { addCoreMetrics } from './api/core-metrics.ts';
import { createHttpServer, type HttpServer } from './api/http-server.ts';
import type { HubConfig } from './config/hub-config.ts';
import { createHubCore, type HubCore } from './core.ts';
import { createLog } from './create-log.ts';
import { enrolAddressOf, rereadingCa } from './enrol/enrol-address.ts';
import { createEnrolment } from './enrol/enrolment.ts';
import { createFleetConfig } from './fleet-config/fleet-config.ts';
import { PushRunner } from './fleet-config/push-runner.ts';
import { lockHub } from './hub-lock.ts';
import { openHubStore } from './open-hub-store.ts';
import { grantRights } from './provision/grant-rights.ts';
import { natsTlsOf } from './provision/nats-tls.ts';
import { loadHubStart } from './provision/check-start.ts';
import type { HubSecrets } from './provision/hub-secrets.ts';
import { renewRights } from './provision/renew-rights.ts';
import { Replacements } from './replace/replacements.ts';
import { tellAgain } from './transfers/tell-again.ts';
import { TransferDesk } from './transfers/transfer-desk.ts';
import { PeopleRenewal } from './site-people/people-renewal.ts';
import { sendPeople } from './site-people/send-people.ts';
import { SitePeopleDesk } from './site-people/site-people.ts';
import type { Store } from './store/store.ts';
import { watchStore, type WatchedStore } from './watch-store.ts';

/** What the process gives the hub. */
interface Machine {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Logger;
}

const ownConsole = join(import.meta.dirname, '../web/dist');
/** Far more than a stop takes; supervisors allow longer before they kill. */
const stopWithinMs = 20_000;

/**
 * Runs a hub until it is told to stop. It serves what it has also while NATS is away. A fault that
 * only a new process can heal ends this one; a supervisor starts the next.
 *
 * @throws Fault CONFIG_INVALID, CONFLICT, UNAVAILABLE or STORE_… before it runs.
 */
export async function runHub(
  configFile: string,
  machine: Pick<Machine, 'clock' | 'random'>,
): Promise<void> {
  const { config, secrets } = await loadHubStart(configFile);
  const log = createLog(config.logLevel ?? 'info');
  const end = (error: unknown): never => {
    log.fatal({ err: error }, 'hub.fatal');
    process.exit(1);
  };
  const unlock = lockHub(config.store.file);
  const { file } = config.store;
  const store = watchStore(await openHubStore({ file, clock: machine.clock, log, onBroken: end }));
  await renewRights(store, config, secrets.loginPublic, log);
  const { core, pushes, renewal, transfers, server } = await compose(config, secrets, store, {
    ...machine,
    log,
  });
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
  const stop = async () => {
    await server.app.close();
    await transfers.stop();
    await renewal.stop();
    await pushes.stop();
    await core.stop();
    await store.close();
    unlock();
  };

  try {
    await core.start();
    pushes.start();
    renewal.start();
    transfers.start();
    await listen(server, config.http);
  } catch (error) {
    await stop();
    throw error;
  }
  log.info({ url: `http://${config.http.host}:${config.http.port}` }, 'hub.started');
  const signal = await toldToStop();
  log.info({ signal }, 'hub.stopping');
  setTimeout(() => end(new Error('the orderly stop took too long')), stopWithinMs).unref();
  await stop();
  log.info('hub.stopped');
}

interface Composed {
  readonly core: HubCore;
  readonly pushes: PushRunner;
  readonly renewal: PeopleRenewal;
  readonly transfers: TransferDesk;
  readonly server: HttpServer;
}

/** Every part, connected, nothing started. */
async function compose(
  config: HubConfig,
  secrets: HubSecrets,
  store: WatchedStore,
  { clock, random, log }: Machine,
): Promise<Composed> {
  const core = createHubCore({
    store,
    nats: {
      servers: config.nats.servers,
      ...natsTlsOf(config),
      authenticator: nkeyAuthenticator(new TextEncoder().encode(secrets.loginSeed)),
    },
    tenant: parseTenantId(config.tenant),
    hubKey: secrets.key,
    clock,
    log,
  });
  const author = { tenant: config.tenant, key: secrets.key, clock };
  const pushes = new PushRunner({
    store,
    author,
    gateways: () => core.gateways(),
    away: () => (core.status().nats === 'connected' ? undefined : 'no connection to NATS'),
    changed: (sites) => server.announce({ topic: 'fleet', sites }),
    sent: () => core.nudge(),
    log,
  });
  const access = accessStoreOf(store);
  const people = createPeople({ store: access, clock, random });
  const sessions = new Sessions({ store: access, clock, random });
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  addCoreMetrics(registry, core);
  const server = await createHttpServer({
    queries: core.queries,
    healthOf: () => {
      const { nats, halted } = core.status();
      return { store: store.state(), nats, halted };
    },
    sessions,
    signIn: createSignIn({ people, sessions, clock, random, log }),
    ...(await createDoors(config, secrets, store, core, { clock, random, log })),
    fleetConfig: createFleetConfig(store, clock, pushes),
    registry,
    metricsToken: secrets.metricsToken,
    clock,
    log,
    publicUrl: config.http.publicUrl,
    trustedProxies: config.http.trustedProxies,
    consoleDir: config.consoleDir ?? ownConsole,
  });
  core.changes.listen((change) => {
    server.announce(change);
    if (change.topic === 'fleet') pushes.heard();
  });
  const renewal = new PeopleRenewal({ store, author, random, log });
  const transfers = new TransferDesk({ store, author, sent: () => core.nudge(), log });
  return { core, pushes, renewal, transfers, server };
}

/** What lets gateways in, and people in at their floor pages. */
async function createDoors(
  config: HubConfig,
  secrets: HubSecrets,
  store: Store,
  core: Pick<HubCore, 'reloadGateways'>,
  { clock, random, log }: Machine,
) {
  const { tenant } = config;
  const { key } = secrets;
  const author = { tenant, key, clock };
  const { ca, natsServers } = await enrolAddressOf(config);
  return {
    enrolment: createEnrolment({
      store,
      tenant,
      key,
      natsServers,
      ca: rereadingCa(config, ca, log),
      registered: () => core.reloadGateways(),
      grant: () => grantRights(store, config, secrets.loginPublic),
      clock,
      log,
    }),
    replacements: new Replacements({
      store,
      tenant,
      key,
      async begun(tx, of) {
        await sendPeople(tx, author, of);
        await tellAgain(tx, of.gateway);
      },
      clock,
      log,
    }),
    sitePeople: new SitePeopleDesk({ store, author, random, log }),
  };
}

async function listen(server: HttpServer, { host, port }: HubConfig['http']): Promise<void> {
  try {
    await server.app.listen({ host, port, listenTextResolver: () => 'http.listening' });
  } catch (cause) {
    throw new Fault('UNAVAILABLE', `cannot listen on ${host}:${port}`, { cause });
  }
}

function toldToStop(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  });
}
