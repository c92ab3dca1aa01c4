import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Clock } from '#contracts/time.ts';
import { createOpcUaDriver } from './opcua-driver.ts';
import type { OpcUaDriver, OpcUaDriverOptions, OpcUaTag } from './opcua-driver.ts';
import { encodeOpcUaSample } from './opcua-sample.ts';
import { packMl } from './profile.ts';
import { openCuttableLink } from './testing/cuttable-link.ts';
import type { CuttableLink } from './testing/cuttable-link.ts';
import { recordSink } from './testing/record-sink.ts';
import type { RecordingSink } from './testing/record-sink.ts';
import { startForeignPlc } from './testing/start-foreign-plc.ts';
import type { ForeignNode, ForeignPlc } from './testing/start-foreign-plc.ts';

const clock: Clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };
const log = pino({ level: process.env['OPCUA_TEST_LOG'] ?? 'silent' });
const folder = mkdtempSync(join(tmpdir(), 'opcua-driver-'));
const ownPki = join(folder, 'gateway');

let plc: ForeignPlc;
let link: CuttableLink;
let driver: OpcUaDriver | undefined;

const tag = (name: string, node: ForeignNode): OpcUaTag => ({
  name,
  node: plc.nodes[node],
  role: node === 'state' || node === 'stateText' ? 'state' : 'counter',
});

function drive(options: Partial<OpcUaDriverOptions>): RecordingSink {
  const recording = recordSink();
  driver = createOpcUaDriver(
    {
      device: 'plc-1',
      endpoint: `opc.tcp://127.0.0.1:${link.port}`,
      username: 'line',
      password: 'secret',
      samplingMs: 50,
      queueSize: 1000,
      tags: [tag('good', 'count')],
      pkiDir: ownPki,
      owner: { site: 'lyon', gateway: 'gw-1' },
      trustFirst: true,
      clock,
      log,
      ...options,
    },
    recording.sink,
  );
  return recording;
}

beforeAll(async () => {
  plc = await startForeignPlc(['--pki', join(folder, 'plc'), '--user', 'line:secret']);
  link = await openCuttableLink(plc.port);
}, 60_000);

afterEach(async () => {
  link.heal();
  await driver?.stop();
  driver = undefined;
});

afterAll(async () => {
  await link.close();
  await plc.kill();
  rmSync(folder, { recursive: true, force: true });
});

describe('against a server that shares no code with it', () => {
  test('the driver delivers counters and states that the profile decodes', async () => {
    await plc.tell('count 41');
    const recording = drive({
      tags: [
        tag('good', 'count'),
        tag('total', 'total'),
        tag('m', 'state'),
        tag('mt', 'stateText'),
      ],
    });
    await driver?.start();
    await recording.until(() => recording.values('mt').length > 0);
    await plc.tell('count 42');
    await plc.tell('state Execute');
    await recording.until(() => recording.values('good').includes(42));
    await recording.until(() => recording.values('total').includes(42));
    await recording.until(() => recording.values('mt').includes('Execute'));
    await recording.until(() => recording.values('m').length > 1);
    expect(recording.gaps()).toEqual([]);
    const last = recording.told.findLast((entry) => entry.type === 'sample' && entry.tag === 'm');
    const sample = last?.type === 'sample' ? last.sample : undefined;
    const { decoded } = packMl.decode(null, {
      channel: 'm',
      payload: new TextEncoder().encode(JSON.stringify(sample)),
      receivedAtMs: 0,
    });
    expect(decoded).toMatchObject({
      ok: true,
      readings: [{ type: 'machine-state', machine: 'm', stateNumber: 6, state: 'Execute' }],
    });
  }, 30_000);

  test('a cut link loses nothing that the server queued, and says so', async () => {
    const warned: object[] = [];
    const quiet = () => undefined;
    const noting = { debug: quiet, info: quiet, warn: (fields: object) => warned.push(fields) };
    const recording = drive({ log: noting });
    await driver?.start();
    await recording.until(() => recording.values('good').length > 0);
    await plc.tell('count 1000');
    await recording.until(() => recording.values('good').includes(1000));
    link.cut();
    await recording.until(() => isAway(recording));
    // At once, and not when the library has given up.
    expect(warned).toMatchObject([{ event: 'opcua.lost', device: 'plc-1' }]);
    const away = recording.told.find((entry) => entry.type === 'connection' && !entry.connected);
    expect(away).toMatchObject({ sinceMs: expect.any(Number) as unknown });
    await countSlowly(1001, 1005);
    link.heal();
    await recording.until(() => recording.gaps().length > 0);
    await recording.until(() => recording.values('good').includes(1005));
    expect(recording.gaps()).toMatchObject([{ reason: 'link-lost', channels: 0 }]);
    const from = recording.values('good').indexOf(1000);
    expect(recording.values('good').slice(from)).toEqual([1000, 1001, 1002, 1003, 1004, 1005]);
  }, 30_000);

  test('a queue that overflows during a cut is a gap of that tag', async () => {
    const recording = drive({ queueSize: 2, tags: [tag('good', 'count'), tag('calm', 'defects')] });
    await driver?.start();
    await recording.until(() => recording.values('good').length > 0);
    link.cut();
    await recording.until(() => isAway(recording));
    await countSlowly(2001, 2012);
    link.heal();
    await recording.until(() => recording.values('good').includes(2012));
    await recording.until(() => recording.gaps().some(({ reason }) => reason === 'overflow'));
    expect(recording.values('good').filter((value) => Number(value) > 2000).length).toBeLessThan(
      12,
    );
    expect(recording.gaps().find(({ reason }) => reason === 'overflow')).toMatchObject({
      channels: 1,
    });
  }, 30_000);

  test('a tag that the server does not have stops no other and is a gap', async () => {
    const absent = { name: 'absent', node: 'nsu=urn:foreign:plant;s=Nowhere', role: 'counter' };
    const stranger = { name: 'stranger', node: 'nsu=urn:nobody;s=X', role: 'counter' };
    const broken = { name: 'broken', node: 'ns=4;s=X', role: 'counter' };
    const recording = drive({
      tags: [absent, stranger, broken, tag('good', 'count')] as OpcUaTag[],
    });
    await driver?.start();
    await recording.until(() => recording.values('good').length > 0);
    await recording.until(() => recording.told.some((e) => e.type === 'connection' && e.connected));
    await driver?.stop();
    expect(recording.gaps()).toMatchObject([{ reason: 'bad-status', channels: 3 }]);
  }, 30_000);

  test('a bad status is one gap, kept as evidence, and decodes to no reading', async () => {
    await plc.tell('count 7');
    const recording = drive({});
    await driver?.start();
    await recording.until(() => recording.values('good').includes(7));
    await plc.tell('bad');
    await recording.until(() => recording.values('good').length > 1);
    await plc.tell('good');
    await recording.until(() => recording.gaps().length > 0);
    expect(recording.gaps()).toMatchObject([{ reason: 'bad-status', channels: 1 }]);
    const [, bad] = recording.told.filter((entry) => entry.type === 'sample');
    expect(bad?.sample.status).toBeGreaterThanOrEqual(0x80000000);
  }, 30_000);

  test('a machine in no state is one gap, and its sample is good but decodes to no reading', async () => {
    await plc.tell('state Idle');
    const recording = drive({ tags: [tag('m', 'state')] });
    await driver?.start();
    await recording.until(() => recording.values('m').length > 0);
    await plc.tell('stateless');
    await recording.until(() => recording.values('m').length > 1);
    await plc.tell('state Execute');
    await recording.until(() => recording.gaps().length > 0);
    expect(recording.gaps()).toMatchObject([{ reason: 'bad-status', channels: 1 }]);
    const [, stateless] = recording.told.filter((entry) => entry.type === 'sample');
    expect(stateless?.sample).toMatchObject({ role: 'state', status: 0, value: null });
    const payload = encodeOpcUaSample(stateless?.sample ?? { status: 0, value: 0 });
    const { decoded } = packMl.decode(null, { channel: 'm', payload, receivedAtMs: 0 });
    expect(decoded).toEqual({ ok: true, readings: [] });
  }, 30_000);

  test('an unknown server is refused until its certificate is on the list', async () => {
    const pkiDir = join(folder, 'strict');
    const recording = drive({ pkiDir, trustFirst: false });
    await driver?.start();
    await recording.until(() => isAway(recording));
    expect(recording.values('good')).toEqual([]);
    const rejected = join(pkiDir, 'rejected');
    for (const file of readdirSync(rejected)) {
      renameSync(join(rejected, file), join(pkiDir, 'trusted', 'certs', file));
    }
    await recording.until(() => recording.values('good').length > 0);
    // There was no session before that could have been lost.
    expect(recording.gaps()).toEqual([]);
  }, 30_000);

  test('the wrong password is an absent connection, never a sample', async () => {
    const recording = drive({ password: 'guess' });
    await driver?.start();
    await recording.until(() => isAway(recording));
    await driver?.stop();
    expect(recording.values('good')).toEqual([]);
  }, 30_000);
});

describe('when the server comes and goes', () => {
  test('a restart with renumbered namespaces is a gap and mixes up no values', async () => {
    const pki = ['--pki', join(folder, 'second-plc')];
    const login = ['--user', 'line:secret'];
    const first = await startForeignPlc([...pki, ...login]);
    const port = String(first.port);
    await first.tell('count 5');
    const recording = drive({
      endpoint: first.endpoint,
      pkiDir: join(folder, 'second-gateway'),
      tags: [tag('good', 'count'), tag('state', 'state')],
    });
    await driver?.start();
    await recording.until(() => recording.values('good').includes(5));
    await first.kill();
    const killedMs = Date.now();
    await recording.until(() => isAway(recording));
    const second = await startForeignPlc([
      ...pki,
      ...login,
      '--port',
      port,
      '--namespace',
      'urn:moved',
    ]);
    await second.tell('count 9');
    await recording.until(() => recording.values('good').includes(9));
    await driver?.stop();
    await second.kill();
    expect(recording.gaps()).toMatchObject([{ reason: 'server-restart', channels: 2 }]);
    const [before, after] = recording.starts;
    expect(before?.startedMs).toBeLessThan(killedMs);
    expect(after?.startedMs).toBeGreaterThan(killedMs - 2000);
    // A driver that was not there when the server restarted needs to know it before any sample.
    const isOfNew = ({ type }: { readonly type: string }) => type === 'sample' || type === 'event';
    expect(recording.told.slice(0, before?.toldBefore).some(isOfNew)).toBe(false);
    expect(recording.told.slice(after?.toldBefore).find(isOfNew)).toBeDefined();
    expect(recording.values('good').every((value) => [0, 5, 9].includes(Number(value)))).toBe(true);
    expect(
      recording.values('state').every((value) => JSON.stringify(value).includes('/PackML/;i=')),
    ).toBe(true);
  }, 60_000);

  test('starting and stopping while it is away neither fails nor hangs', async () => {
    const recording = drive({ endpoint: 'opc.tcp://127.0.0.1:1' });
    await driver?.start();
    await recording.until(() => isAway(recording));
    await recording.until(() => recording.faults().length > 0);
    const [fault] = recording.faults();
    expect(fault).toMatchObject({ code: 'unreachable' });
    expect(fault?.text).toMatch(/nothing listens at that port\. Is the server running/);
    await driver?.stop();
    expect(recording.gaps()).toEqual([]);
    expect(recording.told.filter(({ type }) => type === 'connection')).toHaveLength(1);
  }, 30_000);
});

function isAway(recording: RecordingSink): boolean {
  return recording.told.some((entry) => entry.type === 'connection' && !entry.connected);
}

/** Lets the PLC count in steps that its own sampling (every 100 ms) sees one by one. */
async function countSlowly(from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n += 1) {
    await plc.tell(`count ${n}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 150);
    });
  }
}
