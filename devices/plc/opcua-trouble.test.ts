import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OPCUACertificateManager } from 'node-opcua';
import { pino } from 'pino';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { Clock } from '#contracts/time.ts';
import { dropOwnCertificate, listCertificates, moveCertificate } from './certificate-list.ts';
import { conditionEvents } from './condition-events.ts';
import { createOpcUaDriver } from './opcua-driver.ts';
import type { OpcUaDriver, OpcUaDriverOptions, OpcUaTag } from './opcua-driver.ts';
import { packMl } from './profile.ts';
import { recordSink } from './testing/record-sink.ts';
import type { RecordingSink } from './testing/record-sink.ts';
import { startForeignPlc } from './testing/start-foreign-plc.ts';
import type { ForeignNode, ForeignPlc } from './testing/start-foreign-plc.ts';

const clock: Clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };
const log = pino({ level: process.env['OPCUA_TEST_LOG'] ?? 'silent' });
const folder = mkdtempSync(join(tmpdir(), 'opcua-trouble-'));
const pkiDir = join(folder, 'gateway');
const dayMs = 86_400_000;

const running: { stop(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of running.splice(0).toReversed()) await one.stop();
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function startPlc(...args: string[]): Promise<ForeignPlc> {
  const plc = await startForeignPlc(['--pki', join(folder, 'plc'), ...args]);
  running.push({ stop: () => plc.kill() });
  return plc;
}

function tag(
  plc: ForeignPlc,
  name: string,
  node: ForeignNode,
  of: Partial<OpcUaTag> = {},
): OpcUaTag {
  return { name, node: plc.nodes[node], role: 'counter', ...of };
}

function drive(plc: ForeignPlc, options: Partial<OpcUaDriverOptions> = {}): RecordingSink {
  const recording = recordSink();
  const driver: OpcUaDriver = createOpcUaDriver(
    {
      device: 'plc-1',
      endpoint: plc.endpoint,
      samplingMs: 50,
      queueSize: 1000,
      tags: [tag(plc, 'good', 'count')],
      pkiDir,
      owner: { site: 'lyon', gateway: 'gw-1' },
      trustFirst: true,
      clock,
      log,
      ...options,
    },
    recording.sink,
  );
  running.push(driver);
  void driver.start();
  return recording;
}

const codesOf = (recording: RecordingSink): string[] => recording.faults().map(({ code }) => code);
const hasCode = (recording: RecordingSink, code: string) => (): boolean =>
  codesOf(recording).includes(code);
const isLive = (recording: RecordingSink) => (): boolean => recording.values('good').length > 0;

/** What a profile makes of all that was recorded, in order. */
function readingsOf({ payloads }: RecordingSink) {
  let state = packMl.initialState;
  return payloads.flatMap(({ channel, payload }) => {
    const step = packMl.decode(state, { channel, payload, receivedAtMs: 0 });
    ({ state } = step);
    if (!step.decoded.ok) throw new Error(step.decoded.detail);
    return step.decoded.readings;
  });
}

describe('certificates', () => {
  test('an expired server certificate is named, and taken only if the config says so', async () => {
    const plc = await startPlc('--valid-days=-400:30');
    const own = join(folder, 'expired-server');
    const refusing = drive(plc, { pkiDir: own });
    await refusing.until(hasCode(refusing, 'server-certificate-expired'));
    const [fault] = refusing.faults();
    const [shown] = listCertificates(own).filter(({ list }) => list === 'trusted');
    expect(fault?.subject).toBe(shown?.thumbprint);
    expect(fault?.text).toContain("the server's certificate CN=Foreign PLC");
    expect(fault?.text).toContain(new Date(Date.now() - 370 * dayMs).toISOString().slice(0, 10));
    expect(isLive(refusing)()).toBe(false);
    await running.pop()?.stop();
    const taking = drive(plc, { pkiDir: own, expiredServerCertificate: 'accept-trusted' });
    await taking.until(isLive(taking));
    expect(codesOf(taking)).toEqual(['server-certificate-expired']);
  }, 30_000);

  test('an expired certificate that nobody trusts is not taken, whatever the config says', async () => {
    const plc = await startPlc('--valid-days=-400:30');
    const own = join(folder, 'unknown-expired');
    const recording = drive(plc, {
      pkiDir: own,
      trustFirst: false,
      expiredServerCertificate: 'accept-trusted',
    });
    await recording.until(hasCode(recording, 'server-certificate-untrusted'));
    const { subject = '', text } = recording.faults()[0] ?? { text: '' };
    expect(text).toContain('has expired');
    moveCertificate(own, subject, 'trusted');
    await recording.until(isLive(recording));
    expect(codesOf(recording)).toEqual(['server-certificate-expired']);
  }, 30_000);

  test('validity is judged by the trusted time, not by that of the system', async () => {
    const plc = await startPlc('--valid-days=-1:3650');
    const in1970: Clock = { ...clock, nowMs: () => 1000 };
    const recording = drive(plc, { pkiDir: join(folder, 'in-1970'), clock: in1970 });
    await recording.until(hasCode(recording, 'server-certificate-not-yet-valid'));
    await running.pop()?.stop();
    const later: Clock = { ...clock, nowMs: () => Date.now() + 4000 * dayMs };
    const late = drive(plc, { pkiDir: join(folder, 'in-1970'), clock: later });
    await late.until(hasCode(late, 'server-certificate-expired'));
  }, 30_000);

  test('a server that says it is another application than its certificate is named', async () => {
    const plc = await startPlc('--claims', 'urn:foreign:somebody-else');
    const recording = drive(plc, { pkiDir: join(folder, 'other-uri') });
    await recording.until(hasCode(recording, 'server-certificate-wrong-uri'));
    await recording.until(isLive(recording));
    expect(recording.faults()[0]?.text).toContain('urn:foreign:somebody-else');
  }, 30_000);

  test('a server that does not trust the gateway is told from one that is not trusted', async () => {
    const plc = await startPlc('--strict', '--pki', join(folder, 'strict-plc'));
    const recording = drive(plc, { pkiDir: join(folder, 'not-trusted-there') });
    await recording.until(hasCode(recording, 'own-certificate-refused'));
    const own = listCertificates(join(folder, 'not-trusted-there')).find(
      ({ list }) => list === 'own',
    );
    expect(recording.faults()[0]?.subject).toBe(own?.thumbprint);
  }, 30_000);

  test('the gateway’s own certificate that has expired is named as its own', async () => {
    const own = join(folder, 'expired-gateway');
    const store = new OPCUACertificateManager({ rootFolder: own, disableFileWatchers: true });
    await store.initialize();
    const outputFile = join(own, 'own', 'certs', 'client_certificate.pem');
    await store.createSelfSignedCertificate({
      applicationUri: 'urn:holdfast:gateway:plc-1',
      dns: [],
      outputFile,
      startDate: new Date(Date.now() - 400 * dayMs),
      subject: '/CN=Holdfast',
      validity: 30,
    });
    await store.dispose();
    const plcPki = join(folder, 'judging-plc');
    mkdirSync(join(plcPki, 'trusted', 'certs'), { recursive: true });
    copyFileSync(outputFile, join(plcPki, 'trusted', 'certs', 'gateway.pem'));
    const plc = await startPlc('--strict', '--pki', plcPki);
    const recording = drive(plc, { pkiDir: own });
    await recording.until(hasCode(recording, 'own-certificate-expired'));
    expect(recording.faults()[0]?.text).toContain("the gateway's certificate CN=Holdfast");
    dropOwnCertificate(own);
    await recording.until(hasCode(recording, 'own-certificate-refused'));
  }, 30_000);
});

describe('limits and clocks of the server', () => {
  test('a server without a session left is named, and served as soon as it has one', async () => {
    const plc = await startPlc('--max-sessions', '1');
    const first = drive(plc);
    await first.until(isLive(first));
    const second = drive(plc, { device: 'plc-2' });
    await second.until(hasCode(second, 'too-many-sessions'));
    await running.splice(1, 1)[0]?.stop();
    await second.until(isLive(second));
    await second.until(() => codesOf(second).length === 0);
  }, 30_000);

  test('a clock that is wrong is named with how much', async () => {
    const plc = await startPlc('--clock-ahead-ms', '7200000');
    const recording = drive(plc);
    await recording.until(hasCode(recording, 'clock-skew'));
    expect(recording.faults()[0]?.text).toMatch(/clock is 7\d\d\d s ahead of/);
    await recording.until(isLive(recording));
  }, 30_000);

  test('a wrong password is named as such', async () => {
    const plc = await startPlc('--user', 'line:secret');
    const recording = drive(plc, { username: 'line', password: 'guess' });
    await recording.until(hasCode(recording, 'sign-in-refused'));
  }, 30_000);
});

describe('tags', () => {
  test('a node that is deleted while it is watched is named; the others go on', async () => {
    const plc = await startPlc();
    const recording = drive(plc, { tags: [tag(plc, 'good', 'count'), tag(plc, 'bad', 'defects')] });
    await recording.until(() => recording.values('bad').length > 0);
    await plc.tell('remove ProdDefective');
    await recording.until(hasCode(recording, 'tag-bad'));
    expect(recording.faults()).toMatchObject([{ code: 'tag-bad', subject: 'bad' }]);
    await plc.tell('count 77');
    await recording.until(() => recording.values('good').includes(77));
  }, 30_000);

  test('PackML counts and alarms are read from their lists of structures', async () => {
    const plc = await startPlc();
    await plc.tell('counts 41,7');
    await plc.tell('alarms 4:motor_hot');
    const recording = drive(plc, {
      tags: [
        tag(plc, 'good', 'count'),
        tag(plc, 'made', 'counts'),
        tag(plc, 'first', 'counts', { element: 0, member: 'Count' }),
        tag(plc, 'alarm', 'alarms', { role: 'alarm' }),
        tag(plc, 'flag', 'flag', { role: 'alarm' }),
      ],
    });
    await recording.until(() => recording.values('alarm').length > 0);
    await recording.until(() => recording.values('first').length > 0);
    const readings = readingsOf(recording);
    expect(readings).toContainEqual(expect.objectContaining({ counter: 'made-0', value: 41 }));
    expect(readings).toContainEqual(expect.objectContaining({ counter: 'made-1', value: 7 }));
    expect(readings).toContainEqual(expect.objectContaining({ counter: 'first', value: 1 }));
    expect(readings).toContainEqual(
      expect.objectContaining({ alarm: 'alarm/4', message: 'motor_hot', active: true }),
    );
    await plc.tell('counts 42,8');
    await plc.tell('alarms');
    await recording.until(() =>
      readingsOf(recording).some(
        (one) => one.type === 'alarms-standing' && one.alarms.length === 0,
      ),
    );
    await recording.until(() =>
      readingsOf(recording).some((one) => one.type === 'counter' && one.value === 42),
    );
    expect(recording.faults()).toEqual([]);
  }, 30_000);

  test('a structure that the server does not describe is named; the others go on', async () => {
    const plc = await startPlc('--undescribed');
    await plc.tell('counts 41,7');
    const recording = drive(plc, { tags: [tag(plc, 'good', 'count'), tag(plc, 'made', 'counts')] });
    await recording.until(hasCode(recording, 'tag-not-decodable'));
    expect(recording.faults()).toMatchObject([
      {
        subject: 'made',
        text: expect.stringContaining('nsu=http://opcfoundation.org/UA/PackML/') as unknown,
      },
    ]);
    await plc.tell('count 9');
    await recording.until(() => recording.values('good').includes(9));
    expect(readingsOf(recording).every(({ type }) => type === 'counter')).toBe(true);
  }, 30_000);
});

describe('alarms and conditions', () => {
  const sources = [{ name: 'alarms', node: 'i=2253', events: conditionEvents }];
  const alarmsOf = (recording: RecordingSink) =>
    readingsOf(recording).flatMap((one) => (one.type === 'machine-alarm' ? [one] : []));
  const standingOf = (recording: RecordingSink) =>
    readingsOf(recording).flatMap((one) => (one.type === 'alarms-standing' ? [one.alarms] : []));

  test('an alarm is told with its severity, its message and who has seen it', async () => {
    const plc = await startPlc();
    const recording = drive(plc, { sources });
    await recording.until(() => standingOf(recording).length > 0);
    await plc.tell('jam 700 belt jammed');
    await plc.tell('ack');
    await plc.tell('unjam');
    await recording.until(() => alarmsOf(recording).some(({ active }) => !active));
    expect(alarmsOf(recording)).toMatchObject([
      { alarm: plc.nodes.jam, name: 'Jam', active: true, acked: false, severity: 700 },
      { active: true, acked: true, message: 'seen' },
      { active: false },
    ]);
  }, 30_000);

  test('alarms that stand before the gateway comes are told to it, and those that ended not', async () => {
    const plc = await startPlc();
    await plc.tell('jam 900 belt jammed');
    const first = drive(plc, { sources });
    await first.until(() => standingOf(first).length > 0);
    expect(standingOf(first)).toEqual([[plc.nodes.jam]]);
    await running.pop()?.stop();
    await plc.tell('unjam');
    const second = drive(plc, { sources });
    await second.until(() => standingOf(second).length > 0);
    expect(standingOf(second)).toEqual([[]]);
  }, 30_000);
});
