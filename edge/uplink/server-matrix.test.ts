import { execFileSync } from 'node:child_process';
import process from 'node:process';
import { pino } from 'pino';
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { defaultTenant, parseGatewayId, parseSiteId } from '#contracts/ids.ts';
import type { GatewayAddress } from '#contracts/subjects.ts';
import { systemClock } from '../clock.ts';
import { createIdentity } from '../identity/identity.ts';
import { signedBy } from '../identity/public-key.ts';
import { tempDir } from '../testing/test-parts.ts';
import { MemoryJournal } from './testing/memory-journal.ts';
import { createNatsProcess } from './testing/nats-process.ts';
import { SmallHub } from './testing/small-hub.ts';
import { natsDial } from './dial.ts';
import { createUplink } from './uplink.ts';

/**
 * The lines of nats-server that are supported: that of Debian 12, that of Debian 13, and the newest.
 * Which of them are here: the server of this machine, and those that `HOLDFAST_NATS_SERVERS` names,
 * paths with a colon between them. A line of which no server is here is skipped by its name.
 */
const lines = ['2.9', '2.10', '2.15'] as const;

const named = (process.env['HOLDFAST_NATS_SERVERS'] ?? '').split(':');
const programs = [inject('programs').natsServer, ...named].filter((path) => path !== '');
const servers = programs.map((program) => {
  const said = execFileSync(program, ['--version'], { encoding: 'utf8' });
  const version = /v?(\d+\.\d+)(\.\d+)?/.exec(said);
  return { program, line: version?.[1] ?? '', version: version?.[0] ?? said.trim() };
});
const known: readonly string[] = lines;
const others = servers.filter(({ line }) => !known.includes(line)).map(({ line }) => line);

const address: GatewayAddress = {
  tenant: defaultTenant,
  site: parseSiteId('hamburg'),
  gateway: parseGatewayId('hh-1'),
};

async function start(program: string) {
  const dir = tempDir();
  const { identity: hubIdentity } = createIdentity(`${dir}/hub`);
  const { identity } = createIdentity(`${dir}/gateway`);
  const gateways = [{ address, nkey: identity.publicNkey }];
  const nats = await createNatsProcess(hubIdentity.publicNkey, gateways, undefined, program);
  onTestFinished(() => nats.end());
  await nats.start();
  const publicKey = identity.signingPublicKey;
  const newHub = () => new SmallHub(nats.url, hubIdentity, { address, publicKey });
  const journal = new MemoryJournal(address);
  const health = {
    intake: 'open',
    intakeBacklog: 0,
    quarantined: 0,
    readsPerMinute: 0,
    roomBytes: 1,
    startedAt: 1,
    version: '0',
  } as const;
  const uplink = createUplink({
    address,
    isSignedByHub: signedBy(hubIdentity.signingPublicKey),
    dial: natsDial({ address, hub: { servers: [nats.url] }, identity, clock: systemClock }),
    identity,
    journal,
    facts: () => ({ health, devices: [], alerts: [] }),
    intake: { uplinkChanged: () => undefined },
    clock: systemClock,
    random: Math.random,
    log: pino({ level: 'silent' }),
    settings: { dialRetryMs: 20, dialRetryMaxMs: 100, helloRetryMs: 20, helloRetryMaxMs: 100 },
  });
  onTestFinished(() => uplink.stop());
  return { journal, nats, newHub, uplink };
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 30_000, interval: 10 });

describe.each([...new Set([...lines, ...others])])('nats-server %s', (line) => {
  const server = servers.find((one) => one.line === line);

  test.skipIf(server === undefined)(
    `brings events to the hub, over its own loss of some, a kill of the server and the loss of its store (needs a nats-server ${line})`,
    { timeout: 60_000 },
    async () => {
      const { journal, nats, newHub, uplink } = await start(server?.program ?? '');
      const hub = newHub();
      await hub.start();
      journal.append(2000);
      uplink.start();
      await until(() => expect(hub.events).toHaveLength(2000));
      await until(() => expect(hub.facts.at(-1)?.health.uplink).toBe('live'));

      hub.restore(500);
      await until(() => expect(hub.events).toHaveLength(2000));

      await hub.stop();
      await nats.kill();
      nats.wipe();
      journal.append(2000);
      await nats.start();
      const next = newHub();
      Object.assign(next, { events: hub.events, hashes: hub.hashes, number: hub.number });
      await next.start();
      onTestFinished(() => next.stop());
      await until(() => expect(next.events).toHaveLength(4000));
      const sent = journal.events.map(({ header, payload }) => `${header}\n${payload}`);
      expect(next.events).toEqual(sent);
      expect(next.faults).toEqual([]);
    },
  );
});
