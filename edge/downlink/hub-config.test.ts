import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { DeviceHealth } from '#contracts/now-lane.ts';
import { profileOf } from '../../devices/registry.ts';
import { checkConfigText } from '../config/load-config.ts';
import type { IntakeBody } from '../intake/intake-entry.ts';
import { ConfigApplier } from '../live/config-applier.ts';
import { liveSettings } from '../live/live-settings.ts';
import { stageFile } from '../live/staged-file.ts';
import { createTestLog, FakeClock, tempDir } from '../testing/test-parts.ts';
import { trialMs } from './config-trial.ts';
import type { TargetOutcome } from './downlink-target.ts';
import { HubConfig } from './hub-config.ts';

const own = `gateway: { tenant: main, site: hamburg, id: gw-1 }
configOwner: hub
dataDir: data
hub:
  servers: [nats://hub:4222]
  loginSeedFile: keys/secret
  signingKeyFile: keys/secret
  publicKey: ${Buffer.alloc(32, 1).toString('base64')}
mqtt: { host: 127.0.0.1, port: 20001, maxConnections: 10 }
http: { host: 127.0.0.1, port: 20002, tokenFile: keys/secret }
disk: { intakeBudgetBytes: 2000000, floorBytes: 2000000, reserveBytes: 2000000 }
observe: { minReads: 1, absentAfterMs: 1000, moveReads: 1, passWindowMs: 1000 }
posting: { receive: post, move: post, ship: task, confirmReads: 3 }
zones: [{ id: dock, status: receiving }]
portals: []
devices:
  - id: shelf
    profile: impinj-r700
    zone: dock
    mqtt: { username: shelf, passwordFile: keys/secret }
    buffers: true
    silentAfterMs: 60000
`;
const yard = 'zones: [{ id: dock, status: receiving }, { id: yard, status: available }]\n';
const renamed = yard.concat(
  'devices:\n  - { id: shelf, profile: impinj-r700, zone: yard, buffers: true, silentAfterMs: 60000,',
  ' mqtt: { username: other, passwordFile: keys/secret } }\n',
);

function healthOf(connected: boolean): DeviceHealth {
  return {
    device: 'shelf',
    connected,
    covered: true,
    profile: 'impinj-r700',
    quarantined: 0,
    readsPerMinute: 0,
    silent: false,
  };
}

function setUp(text = own) {
  const dir = tempDir();
  for (const folder of ['keys', 'data']) mkdirSync(join(dir, folder));
  writeFileSync(join(dir, 'keys', 'secret'), 'secret', { mode: 0o600 });
  const file = join(dir, 'gateway.yaml');
  writeFileSync(file, text);
  const fileText = () => readFileSync(file, 'utf8');
  const check = (given = fileText()) => checkConfigText(given, file, profileOf);
  const { config, faults } = check();
  if (config === undefined) throw new Error(JSON.stringify(faults));
  const entries: IntakeBody[] = [];
  const said: [number, TargetOutcome][] = [];
  const devices = { list: [healthOf(true)] };
  const clock = new FakeClock();
  const { log } = createTestLog();
  const source = { file, check };
  const applier = new ConfigApplier({
    ...source,
    settings: liveSettings(config),
    parts: {
      listeners: () => Promise.resolve(),
      append: (body) => Promise.resolve(void entries.push(body)),
      devices: () => Promise.resolve(),
    },
    keep: () => undefined,
    stage: (staged) => stageFile(file, staged),
    clock,
    log,
  });
  const start = () => {
    const target = new HubConfig({
      dataDir: join(dir, 'data'),
      source,
      applier,
      devices: () => devices.list,
      say: (seq, outcome) => void said.push([seq, outcome]),
      changed: () => undefined,
      clock,
      log,
    });
    target.start();
    onTestFinished(() => target.stop());
    return target;
  };
  const take = (target: HubConfig, seq: number, content: string) =>
    target.take({ seq, atMs: 0, content });
  return { applier, clock, devices, entries, fileText, said, start, take };
}

test('a pushed config is in force at once and confirmed by word of the hub', async () => {
  const { clock, entries, fileText, said, start, take } = setUp();
  const target = start();
  expect(await take(target, 1, yard)).toMatchObject({ result: 'trial' });
  expect(fileText()).toContain('id: yard');
  expect(entries).toMatchObject([{ type: 'config', origin: 'hub' }]);
  expect(target.report()).toMatchObject({ owner: 'hub', trialUntilMs: clock.nowMs() + trialMs });
  await target.judge();
  expect(said).toEqual([]);
  // What was asked before it was in force is no sign that the link lives with it.
  target.contact(clock.monotonicMs() - 1);
  await target.judge();
  expect(said).toEqual([]);
  target.contact(clock.monotonicMs());
  await target.judge();
  expect(said).toEqual([[1, { result: 'applied', inForce: target.report().hash }]]);
  expect(target.report()).not.toHaveProperty('trialUntilMs');
});

test('without word of the hub for three minutes the former content returns, as a version and an event', async () => {
  const { applier, clock, entries, fileText, said, start, take } = setUp();
  const { hash } = applier.view();
  const target = start();
  await take(target, 1, yard);
  clock.advance(trialMs - 1);
  await target.judge();
  expect(fileText()).toContain('yard');
  clock.advance(1);
  await target.judge();
  expect(fileText()).toBe(own);
  expect(applier.view().hash).toBe(hash);
  expect(said).toMatchObject([[1, { result: 'returned', code: 'LINK_DOWN', inForce: hash }]]);
  expect(entries.map(({ type }) => type)).toEqual(['config', 'config', 'config-refused']);
  expect(target.report().refused).toMatchObject({ code: 'LINK_DOWN' });
});

test('a device that it touched and that does not come back takes it back', async () => {
  const { clock, devices, fileText, said, start, take } = setUp();
  const target = start();
  expect(await take(target, 1, renamed)).toMatchObject({ result: 'trial' });
  devices.list = [healthOf(false)];
  target.contact(clock.monotonicMs());
  await target.judge();
  clock.advance(trialMs);
  await target.judge();
  expect(said).toMatchObject([[1, { result: 'returned', code: 'UNAVAILABLE' }]]);
  expect(said[0]?.[1].text).toContain('shelf');
  expect(fileText()).toBe(own);
});

test('a device that was away before is not waited for', async () => {
  const { clock, devices, said, start, take } = setUp();
  devices.list = [healthOf(false)];
  const target = start();
  await take(target, 1, renamed);
  target.contact(clock.monotonicMs());
  await target.judge();
  expect(said).toMatchObject([[1, { result: 'applied' }]]);
});

test('a trial outlives the process: it begins anew and still knows what to return to', async () => {
  const { clock, fileText, said, start, take } = setUp();
  const first = start();
  await take(first, 1, yard);
  first.stop();
  const second = start();
  // The entry comes again when the process died before it was settled.
  expect(await take(second, 1, yard)).toMatchObject({ result: 'trial' });
  clock.advance(trialMs);
  await second.judge();
  expect(said).toMatchObject([[1, { result: 'returned' }]]);
  expect(fileText()).toBe(own);
});

test('what comes during a trial shares it: both are confirmed, or what was before both returns', async () => {
  const { clock, fileText, said, start, take } = setUp();
  const target = start();
  await take(target, 1, yard);
  await take(target, 2, yard.replace('yard', 'ramp'));
  expect(fileText()).toContain('ramp');
  clock.advance(trialMs);
  await target.judge();
  expect(said.map(([seq, { result }]) => [seq, result])).toEqual([
    [1, 'returned'],
    [2, 'returned'],
  ]);
  expect(fileText()).toBe(own);
});

test('the same again changes nothing and is on no trial', async () => {
  const { applier, entries, start, take } = setUp();
  const target = start();
  for (let seq = 1; seq <= 100; seq += 1) {
    const outcome = await take(target, seq, 'zones: [{ id: dock, status: receiving }]\n');
    expect(outcome).toEqual({ result: 'applied', inForce: applier.view().hash });
  }
  expect(entries).toEqual([]);
});

test('what is wrong is refused with its faults in lines of the pushed text, and nothing changes', async () => {
  const { entries, fileText, start, take } = setUp();
  const target = start();
  const outcome = await take(target, 1, '# one\nzones:\n  - { id: dock, status: unheard-of }\n');
  expect(outcome).toMatchObject({
    result: 'refused',
    code: 'CONFIG_INVALID',
    faults: [{ line: 3, path: '/zones/0/status' }],
  });
  expect(fileText()).toBe(own);
  expect(entries).toMatchObject([{ type: 'config-refused', origin: 'hub' }]);
  expect(target.report().refused?.faults).toHaveLength(1);
});

test('a gateway whose file owns its config says so and takes nothing', async () => {
  const { fileText, start, take } = setUp(own.replace('configOwner: hub', 'configOwner: file'));
  const target = start();
  expect(await take(target, 1, yard)).toMatchObject({ result: 'refused', code: 'CONFLICT' });
  expect(target.report().owner).toBe('file');
  expect(fileText()).not.toContain('yard');
});
