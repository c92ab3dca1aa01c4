import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { encodeCanonical } from '#contracts/canonical.ts';
import type { EventDraft } from '#contracts/envelope.ts';
import type { Clock } from '#contracts/time.ts';
import { moveCertificate } from '../../devices/plc/certificate-list.ts';
import { createOpcUaDriver } from '../../devices/plc/opcua-driver.ts';
import type { OpcUaDriverOptions, OpcUaTag } from '../../devices/plc/opcua-driver.ts';
import { openCuttableLink } from '../../devices/plc/testing/cuttable-link.ts';
import { startForeignPlc } from '../../devices/plc/testing/start-foreign-plc.ts';
import type { ForeignPlc } from '../../devices/plc/testing/start-foreign-plc.ts';
import type { SiteConfig } from '../config/gateway-config.ts';
import { restoreObserver } from '../observe/observer.ts';
import { testSite } from '../observe/testing/test-site.ts';
import { tempDir, until } from '../testing/test-parts.ts';
import { openIntakeLog } from './open-intake-log.ts';
import { createOpcUaSink } from './opcua-intake.ts';

/**
 * From a real server in a process of its own to events: what happens to the link, to the server,
 * to its nodes and to its certificate ends in values again or in a fault that is named, and every
 * time that nobody could see is an event.
 */
const clock: Clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };
const log = pino({ level: process.env['OPCUA_TEST_LOG'] ?? 'silent' });
const absent: OpcUaTag = { name: 'absent', node: 'nsu=urn:foreign:plant;s=No', role: 'counter' };

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function startPlc(dir: string, ...args: string[]): Promise<ForeignPlc> {
  const plc = await startForeignPlc(['--pki', join(dir, 'plc'), ...args]);
  stops.push(() => plc.kill());
  return plc;
}

function tagsOf({ nodes }: ForeignPlc): OpcUaTag[] {
  return [
    { name: 'parts', node: nodes.count, role: 'counter' },
    { name: 'state', node: nodes.state, role: 'state' },
  ];
}

/** A gateway's way from one PLC to its events: driver, intake log, observer. */
function watch(dir: string, options: Pick<OpcUaDriverOptions, 'endpoint' | 'tags'>) {
  const intake = openIntakeLog({
    path: join(dir, 'intake.db'),
    budgetBytes: 2 ** 24,
    floorBytes: 1,
    freeBytes: () => 2 ** 40,
    clock,
    log,
    fatal: (error) => {
      throw error;
    },
  });
  onTestFinished(() => intake.close());
  const site: SiteConfig = {
    ...testSite,
    devices: [
      {
        id: 'belt',
        profile: 'packml',
        zone: 'storage',
        buffers: false,
        silentAfterMs: 60_000,
        tags: options.tags.map(({ name, role }) => ({ name, role })),
      },
    ],
  };
  const config = encodeCanonical({ ...site });
  intake.append({ type: 'config', origin: 'file', hash: '00'.repeat(32), config }, clock.nowMs());
  const driver = createOpcUaDriver(
    {
      device: 'belt',
      pkiDir: join(dir, 'gateway'),
      queueSize: 1000,
      samplingMs: 50,
      owner: { site: 'lyon', gateway: 'gw-1' },
      trustFirst: true,
      clock,
      log,
      ...options,
    },
    createOpcUaSink('belt', { intake, clock }),
  );
  stops.push(() => driver.stop());
  void driver.start();

  const observer = restoreObserver([]);
  const events: EventDraft[] = [];
  const samples: unknown[] = [];
  let pos = 0;
  const observe = (): void => {
    for (const entry of intake.readFrom(pos + 1, 1000)) {
      const { drafts, quarantined } = observer.step(entry);
      expect(quarantined).toBeUndefined();
      events.push(...drafts);
      if (entry.body.type === 'message' && entry.body.channel === 'parts') {
        const { value } = JSON.parse(Buffer.from(entry.body.payload).toString()) as {
          value: unknown;
        };
        samples.push(value);
      }
      ({ pos } = entry);
    }
  };
  const observed = (holds: () => boolean): Promise<void> =>
    until(() => {
      observe();
      return holds();
    });
  return {
    driver,
    events,
    samples,
    observed,
    of: (kind: EventDraft['kind']) => events.filter((event) => event.kind === kind),
    /** Time passes for the observers: counters speak every ten seconds. */
    later: (ms: number) => intake.append({ type: 'tick' }, clock.nowMs() + ms),
    health: () => observer.facts(clock.nowMs()).devices[0],
    alerts: () => observer.facts(clock.nowMs()).alerts,
  };
}

/** A network that breaks or swallows everything for 8 s between a PLC that counts and a gateway. */
async function outage(dir: string, way: 'cut' | 'swallow') {
  const plc = await startPlc(dir, '--step-ms', '200');
  const link = await openCuttableLink(plc.port);
  stops.push(() => link.close());
  const endpoint = `opc.tcp://127.0.0.1:${link.port}`;
  const gateway = watch(dir, { endpoint, tags: tagsOf(plc) });
  await gateway.observed(() => gateway.samples.length > 3);
  link[way]();
  await new Promise((resolve) => {
    setTimeout(resolve, 8000);
  });
  link.heal();
  const seen = gateway.samples.length;
  await gateway.observed(() => gateway.of('device.gap').length > 0);
  await gateway.observed(() => gateway.samples.length > seen + 45);
  return gateway;
}

describe('the link', () => {
  test('after 8 s without a network every value is there, and the time is an event', async () => {
    const ways = ['cut', 'swallow'] as const;
    for (const gateway of await Promise.all(ways.map((way) => outage(tempDir(), way)))) {
      expect(gateway.of('device.gap')).toMatchObject([
        { device: 'belt', payload: { reason: 'link-lost', channels: 0 } },
      ]);
      const [gap] = gateway.of('device.gap');
      const { fromMs = 0, toMs = 0 } = (gap?.payload ?? {}) as { fromMs?: number; toMs?: number };
      expect(toMs - fromMs).toBeGreaterThan(7000);
      const counts = gateway.samples.map(Number);
      const [first = 0] = counts;
      expect(counts).toEqual(counts.map((_, index) => first + index));
      expect(gateway.health()).toMatchObject({ connected: true });
    }
  }, 40_000);
});

describe('the server', () => {
  test('that is started anew is read again, and what it counted meanwhile is a gap', async () => {
    const dir = tempDir();
    const first = await startPlc(dir);
    await first.tell('count 500');
    const gateway = watch(dir, { endpoint: first.endpoint, tags: tagsOf(first) });
    await gateway.observed(() => gateway.samples.includes(500));
    await first.kill();
    await gateway.observed(() => gateway.health()?.connected === false);
    const second = await startPlc(dir, '--port', String(first.port));
    await second.tell('count 3');
    await gateway.observed(() => gateway.samples.includes(3));
    expect(gateway.of('device.gap')).toMatchObject([
      { payload: { reason: 'server-restart', channels: 2 } },
    ]);
    await gateway.observed(() => gateway.health()?.connected === true);
    expect(gateway.health()).not.toHaveProperty('faults');
    // What kept it away meanwhile was named, and is over.
    expect(gateway.of('device.fault-cleared')).toHaveLength(
      gateway.of('device.fault-raised').length,
    );
    gateway.later(11_000);
    await gateway.observed(() => gateway.of('counter.advanced').length > 1);
    const steps = gateway
      .of('counter.advanced')
      .map(({ payload }) => (payload as { step: string }).step);
    expect(steps).toEqual(['first', 'restart']);
  }, 40_000);

  test('that numbers its namespaces anew is read by their URIs, and no value is mixed up', async () => {
    const dir = tempDir();
    const first = await startPlc(dir, '--namespace', 'urn:one');
    await first.tell('count 5');
    const gateway = watch(dir, { endpoint: first.endpoint, tags: tagsOf(first) });
    await gateway.observed(() => gateway.samples.includes(5));
    await first.kill();
    const second = await startPlc(dir, '--port', String(first.port));
    await second.tell('count 9');
    await second.tell('state Execute');
    await gateway.observed(() => gateway.samples.includes(9));
    await gateway.observed(() => {
      const states = gateway
        .of('machine.state-changed')
        .map(({ payload }) => payload as { state: string });
      return states.at(-1)?.state === 'Execute';
    });
    expect(gateway.of('device.gap')).toMatchObject([{ payload: { reason: 'server-restart' } }]);
    expect(gateway.samples.every((value) => [0, 5, 9].includes(Number(value)))).toBe(true);
  }, 40_000);

  test('without one of the nodes is read for the others, and the one is named', async () => {
    const dir = tempDir();
    const plc = await startPlc(dir);
    const gateway = watch(dir, { endpoint: plc.endpoint, tags: [...tagsOf(plc), absent] });
    await gateway.observed(() => gateway.of('device.fault-raised').length > 0);
    await plc.tell('count 8');
    await gateway.observed(() => gateway.samples.includes(8));
    expect(gateway.health()).toMatchObject({
      connected: true,
      faults: [
        {
          code: 'tag-refused',
          subject: 'absent',
          text: expect.stringContaining('BadNodeIdUnknown') as unknown,
        },
      ],
    });
    expect(gateway.alerts()).toContainEqual(
      expect.objectContaining({ type: 'device-fault', open: true, device: 'belt' }),
    );
    await gateway.driver.stop();
    await gateway.observed(() => gateway.of('device.gap').length > 0);
    expect(gateway.of('device.gap')).toMatchObject([
      { payload: { reason: 'bad-status', channels: 1 } },
    ]);
  }, 40_000);

  test('whose certificate has expired is named, and is read again with a new one', async () => {
    const dir = tempDir();
    const first = await startPlc(dir, '--valid-days=-400:30');
    const gateway = watch(dir, { endpoint: first.endpoint, tags: tagsOf(first) });
    await gateway.observed(() => gateway.of('device.fault-raised').length > 0);
    expect(gateway.health()).toMatchObject({
      connected: false,
      faults: [
        {
          code: 'server-certificate-expired',
          text: expect.stringContaining('valid until') as unknown,
        },
      ],
    });
    await first.kill();
    const second = await startPlc(dir, '--port', String(first.port), '--valid-days=-1:30');
    await second.tell('count 6');
    const untrusted = (): string | undefined =>
      gateway.health()?.faults?.find(({ code }) => code === 'server-certificate-untrusted')
        ?.subject;
    await gateway.observed(() => untrusted() !== undefined);
    expect(gateway.samples).toEqual([]);
    moveCertificate(join(dir, 'gateway'), untrusted() ?? '', 'trusted');
    await gateway.observed(() => gateway.samples.includes(6));
    // It never was connected before: nothing was lost.
    expect(gateway.of('device.gap')).toEqual([]);
    await gateway.observed(
      () => gateway.health()?.faults?.[0]?.code === 'server-certificate-expiring',
    );
  }, 40_000);
});
