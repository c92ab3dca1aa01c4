import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { createTestLog, FakeClock, tempDir, until } from '../testing/test-parts.ts';
import { openIntakeLog } from './open-intake-log.ts';
import { openIntakeStore } from './intake-store.ts';
import { createOpcUaSink } from './opcua-intake.ts';
import { createTicker } from './ticker.ts';

function openParts(heldBytes: number) {
  const clock = new FakeClock(1000);
  const disk = { full: false };
  const intake = openIntakeLog({
    path: join(tempDir(), 'intake.db'),
    budgetBytes: 2 ** 20,
    floorBytes: 1,
    freeBytes: () => 2 ** 40,
    clock,
    log: createTestLog().log,
    fatal: () => {},
    heldBytes,
    openStore(path) {
      const store = openIntakeStore(path);
      return {
        ...store,
        insert(batch, configHash) {
          if (disk.full) throw new Database.SqliteError('injected', 'SQLITE_FULL');
          store.insert(batch, configHash);
        },
      };
    },
  });
  onTestFinished(() => intake.close());
  return { clock, disk, intake, sink: createOpcUaSink('plc', { intake, clock }) };
}

const sample = Buffer.alloc(100, 'x');

test('what a PLC says becomes entries in its order', async () => {
  const { clock, intake, sink } = openParts(2 ** 20);
  sink.connection(true);
  sink.gap({ reason: 'link-lost', channels: 3, fromMs: 10, toMs: 20 });
  expect(sink.sample('units', sample)).toBe(true);
  sink.faults([{ code: 'clock-skew', text: 'an hour ahead' }]);
  await until(() => intake.lastPos === 4);
  expect(intake.readFrom(1, 10).map(({ body }) => body)).toEqual([
    { type: 'connection', device: 'plc', connected: true },
    { type: 'gap', device: 'plc', reason: 'link-lost', channels: 3, fromMs: 10, toMs: 20 },
    { type: 'message', device: 'plc', channel: 'units', qos: 0, payload: sample },
    {
      type: 'device-faults',
      device: 'plc',
      faults: [{ code: 'clock-skew', text: 'an hour ahead' }],
    },
  ]);
  expect(clock.nowMs()).toBe(1000);
});

test('samples that found no room are said as a gap before anything else', async () => {
  const { clock, disk, intake, sink } = openParts(300);
  disk.full = true;
  sink.sample('units', sample);
  await until(() => intake.hold !== undefined);
  while (intake.pendingBytes < 300) sink.sample('units', sample);
  const kept = intake.pendingBytes;
  clock.advance(500);
  sink.sample('units', sample);
  clock.advance(200);
  expect(sink.sample('state', sample)).toBe(false);
  sink.sample('units', sample);
  expect(intake.pendingBytes).toBe(kept);
  disk.full = false;
  await until(() => intake.hold === undefined);
  sink.sample('units', sample);
  const before = intake.lastPos;
  await until(() => intake.lastPos > before);
  const bodies = intake.readFrom(1, 100).map(({ body }) => body);
  const gapAt = bodies.findIndex(({ type }) => type === 'gap');
  expect(bodies[gapAt]).toEqual({
    type: 'gap',
    device: 'plc',
    reason: 'overflow',
    channels: 2,
    fromMs: 1500,
    toMs: 1700,
  });
  expect(bodies.slice(gapAt + 1)).toMatchObject([{ type: 'message', channel: 'units' }]);
});

test('time is written every so often, and not while the log holds', async () => {
  const { clock, disk, intake } = openParts(2 ** 20);
  const ticker = createTicker(intake, clock, { intervalMs: 1 });
  ticker.start();
  onTestFinished(() => ticker.stop());
  await until(() => intake.lastPos >= 3);
  disk.full = true;
  await until(() => intake.hold !== undefined);
  const pending = intake.pendingBytes;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(intake.pendingBytes).toBe(pending);
});
