import { expect, test } from 'vitest';
import type { EventDraft } from '#contracts/envelope.ts';
import { eventKinds } from '#contracts/event-kinds.ts';
import { validate } from '#contracts/validate.ts';
import type { DeviceFault } from '../../devices/device-fault.ts';
import { profileOf } from '../../devices/registry.ts';
import { DeviceFaults } from './device-faults.ts';
import { siteModelOf } from './site-model.ts';
import type { StateRow } from './state-row.ts';
import { testSite } from './testing/test-site.ts';

const speed: DeviceFault = { code: 'tag-refused', subject: 'speed', text: 'BadNodeIdUnknown' };
const skew: DeviceFault = { code: 'clock-skew', text: '90 s ahead' };

function take(faults: DeviceFaults, nowMs: number, ...list: DeviceFault[]): EventDraft[] {
  const out: EventDraft[] = [];
  faults.take('belt', list, nowMs, out);
  for (const { kind, payload } of out) {
    expect(validate(eventKinds[kind].payload, payload)).toMatchObject({ ok: true });
  }
  return out;
}

test('each fault is raised once and cleared once, whatever its words become', () => {
  const faults = new DeviceFaults();
  expect(take(faults, 1, speed)).toMatchObject([
    { kind: 'device.fault-raised', device: 'belt', payload: speed },
  ]);
  expect(take(faults, 2, { ...speed, text: 'BadNotReadable' }, skew)).toMatchObject([
    { kind: 'device.fault-raised', payload: { code: 'clock-skew' } },
  ]);
  expect(faults.of('belt')).toEqual([
    { ...speed, text: 'BadNotReadable', sinceMs: 1 },
    { ...skew, sinceMs: 2 },
  ]);
  expect(take(faults, 3, skew)).toMatchObject([
    {
      kind: 'device.fault-cleared',
      payload: { code: 'tag-refused', subject: 'speed', raisedAt: 1 },
    },
  ]);
  expect(take(faults, 4)).toMatchObject([{ kind: 'device.fault-cleared' }]);
  expect(take(faults, 5)).toEqual([]);
});

test('faults outlive a restart, but not their device', () => {
  const before = new DeviceFaults();
  take(before, 1, speed);
  const rows: StateRow[] = [];
  before.drainDirty(rows);
  const after = new DeviceFaults();
  for (const { key, machine, value } of rows) after.restore(machine, key, value ?? '');
  expect(take(after, 2, speed)).toEqual([]);
  after.configure(siteModelOf({ ...testSite, devices: [] }, profileOf));
  expect(after.of('belt')).toEqual([]);
});
