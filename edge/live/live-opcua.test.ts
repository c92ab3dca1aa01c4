import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { startForeignPlc } from '../../devices/plc/testing/start-foreign-plc.ts';
import type { Clock } from '#contracts/time.ts';
import type { PlcSettings } from '../config/plc-settings.ts';
import { openIntakeLog } from '../intake/open-intake-log.ts';
import { createOpcUaIntake } from '../intake/opcua-intake.ts';
import { createTestLog, tempDir, until } from '../testing/test-parts.ts';

const clock: Clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

test('a PLC that is told something else has a gap, and no other PLC notices', async () => {
  const dir = tempDir();
  const { log } = createTestLog();
  const plc = await startForeignPlc(['--pki', join(dir, 'plc'), '--step-ms', '100']);
  stops.push(() => plc.kill());
  const intake = openIntakeLog({
    path: join(dir, 'intake.db'),
    budgetBytes: 2 ** 24,
    floorBytes: 1,
    freeBytes: () => 2 ** 40,
    clock,
    log,
    fatal: () => {},
  });
  onTestFinished(() => intake.close());
  const settings = (device: string, samplingMs: number): PlcSettings => ({
    device,
    endpoint: plc.endpoint,
    pkiDir: join(dir, device),
    owner: { site: 'lyon', gateway: 'gw-1' },
    trustFirst: true,
    samplingMs,
    queueSize: 100,
    sources: [],
    tags: [{ name: 'parts', node: plc.nodes.count, role: 'counter' }],
  });
  const opcUa = createOpcUaIntake({
    devices: [settings('same', 20), settings('other', 20), settings('gone', 20)],
    intake,
    clock,
    log,
  });
  stops.push(() => opcUa.stop());
  await opcUa.start();
  const of = (device: string, type: string) =>
    intake
      .readFrom(1, 100_000)
      .map(({ body }) => body)
      .filter((body) => 'device' in body && body.device === device && body.type === type);
  const samples = (device: string) => of(device, 'message').length;
  await until(() => ['same', 'other', 'gone'].every((device) => samples(device) > 3));
  const latter = [settings('same', 20), settings('other', 50), settings('new', 20)];
  await opcUa.replaceDevices(latter);
  await opcUa.replaceDevices(latter);
  const counts = { same: samples('same'), other: samples('other'), gone: samples('gone') };
  await until(() => samples('same') > counts.same + 3 && samples('other') > counts.other + 3);
  await until(() => samples('new') > 3);
  expect(of('same', 'connection')).toHaveLength(1);
  expect(of('same', 'gap')).toEqual([]);
  // An end that says since when is what the observers make the gap of.
  expect(of('other', 'connection')).toMatchObject([
    { connected: true },
    { connected: false, sinceMs: expect.any(Number) as unknown },
    { connected: true },
  ]);
  expect(of('other', 'gap')).toEqual([]);
  expect(of('gone', 'connection')).toHaveLength(2);
  expect(samples('gone')).toBe(counts.gone);
  const values = of('same', 'message').flatMap((body) =>
    body.type === 'message'
      ? [(JSON.parse(Buffer.from(body.payload).toString()) as { value: number }).value]
      : [],
  );
  // Sampled five times as often as it changes: no count is missing around the change.
  const [first = 0] = values;
  expect(values).toEqual(values.map((_, index) => first + index));
}, 60_000);
