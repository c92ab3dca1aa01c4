import { expect, test } from 'vitest';
import type { EventDraft } from '#contracts/envelope.ts';
import { eventKinds } from '#contracts/event-kinds.ts';
import { validate } from '#contracts/validate.ts';
import { profileOf } from '../../devices/registry.ts';
import type { MachineAlarmReading } from '../../devices/reading.ts';
import type { SiteConfig } from '../config/gateway-config.ts';
import { MachineAlarms } from './machine-alarms.ts';
import { siteModelOf } from './site-model.ts';
import type { StateRow } from './state-row.ts';
import { startMs, testSite } from './testing/test-site.ts';

const config: SiteConfig = {
  ...testSite,
  devices: [
    {
      id: 'belt',
      profile: 'plc-counter',
      zone: 'storage',
      buffers: false,
      silentAfterMs: 60_000,
      tags: [{ name: 'flag', role: 'alarm', severity: 900, text: 'emergency stop' }],
      eventChannels: ['alarms'],
    },
  ],
};
const site = siteModelOf(config, profileOf);

function deviceOf(id: string) {
  const device = site.devices.get(id);
  if (device === undefined) throw new Error(`no device ${id}`);
  return device;
}

const jam: MachineAlarmReading = {
  type: 'machine-alarm',
  alarm: 'nsu=urn:plant;s=Line1/Jam',
  channel: 'alarms',
  active: true,
  acked: false,
  name: 'Jam',
  source: 'Line1',
  severity: 700,
  message: 'belt jammed',
};

function play(alarms: MachineAlarms, ...readings: (Partial<MachineAlarmReading> | string[])[]) {
  const out: EventDraft[] = [];
  readings.forEach((reading, index) => {
    const nowMs = startMs + index;
    if (!Array.isArray(reading)) alarms.note(deviceOf('belt'), { ...jam, ...reading }, nowMs, out);
    else {
      const standing = { type: 'alarms-standing', channel: 'alarms', unseen: true } as const;
      alarms.keepOnly(deviceOf('belt'), { ...standing, alarms: reading }, nowMs, out);
    }
  });
  for (const { kind, payload } of out) {
    expect(validate(eventKinds[kind].payload, payload)).toMatchObject({ ok: true });
  }
  return out;
}

test('an alarm is raised once and cleared once, however often it is told', () => {
  const out = play(
    new MachineAlarms(),
    {},
    { acked: true, severity: 800 },
    {},
    { active: false },
    {
      active: false,
    },
  );
  expect(out).toMatchObject([
    {
      kind: 'machine.alarm-raised',
      device: 'belt',
      payload: { alarm: jam.alarm, name: 'Jam', severity: 700, source: 'Line1', acked: false },
    },
    { kind: 'machine.alarm-cleared', payload: { raisedAt: startMs, unseen: false } },
  ]);
});

test('what stands shows its newest severity and whether somebody has seen it', () => {
  const alarms = new MachineAlarms();
  play(alarms, {}, { acked: true, severity: 800, message: 'still jammed' });
  expect(alarms.standing()).toMatchObject([
    { device: 'belt', alarm: jam.alarm, state: { acked: true, severity: 800 } },
  ]);
});

test('an older word than the last changes nothing', () => {
  const out = play(
    new MachineAlarms(),
    { claimedMs: startMs },
    { claimedMs: startMs - 5000, active: false },
  );
  expect(out.map(({ kind }) => kind)).toEqual(['machine.alarm-raised']);
});

test('after a refresh the alarms that it left out have ended unseen, in one order', () => {
  const other = 'nsu=urn:plant;s=A';
  const out = play(
    new MachineAlarms(),
    {},
    { alarm: other },
    { alarm: 'flag', channel: 'flag' },
    [],
  );
  expect(out.slice(3)).toMatchObject([
    { kind: 'machine.alarm-cleared', payload: { alarm: other, unseen: true } },
    { kind: 'machine.alarm-cleared', payload: { alarm: jam.alarm, unseen: true } },
  ]);
  expect(out).toHaveLength(5);
});

test('a bare bit means what the config says', () => {
  const { message: _message, severity: _severity, source: _source, ...bare } = jam;
  const out: EventDraft[] = [];
  const flag = { ...bare, alarm: 'flag', channel: 'flag', name: 'flag' };
  new MachineAlarms().note(deviceOf('belt'), flag, startMs, out);
  expect(out).toMatchObject([{ payload: { message: 'emergency stop', severity: 900 } }]);
});

test('a restored state goes on where it was, and is forgotten with its device', () => {
  const before = new MachineAlarms();
  play(before, {});
  const rows: StateRow[] = [];
  before.drainDirty(rows);
  const after = new MachineAlarms();
  for (const { key, machine, value } of rows) after.restore(machine, key, value ?? '');
  expect(play(after, {})).toEqual([]);
  after.configure(siteModelOf({ ...config, devices: [] }, profileOf));
  expect(after.standing()).toEqual([]);
});
