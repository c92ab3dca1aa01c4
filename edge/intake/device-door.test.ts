import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTestLog, FakeClock, tempDir } from '../testing/test-parts.ts';
import { newCounters } from './broker-counters.ts';
import { deviceAccess } from './device-access.ts';
import { DeviceDoor } from './device-door.ts';
import { DeviceNotes } from './device-notes.ts';

function openDoor(refusalsFile: string, ...names: string[]): DeviceDoor {
  const clock = new FakeClock();
  const door = new DeviceDoor({
    devices: names.map((name) => deviceAccess(name, { username: `user-${name}` }, 'secret')),
    counters: newCounters(),
    notes: new DeviceNotes({ intake: { append: () => true }, clock }),
    isConnected: () => false,
    refusalsFile,
    clock,
    log: createTestLog().log,
  });
  door.restore();
  return door;
}

test('who shows nothing at all is told so, not that its name is unknown', () => {
  const door = openDoor(join(tempDir(), 'refusals.json'), 'dock');
  const from = { clientId: 'reader', address: '10.0.0.1', certificate: undefined };
  door.signIn(from, undefined, undefined);
  door.signIn({ ...from, clientId: 'other' }, 'nobody', Buffer.from('guess'));
  expect(door.refusals.list().map(({ reason }) => reason)).toEqual([
    'unknown-user',
    'nothing-shown',
  ]);
});

test('what a device was refused stands through a flood of strangers, and after a restart', () => {
  const file = join(tempDir(), 'refusals.json');
  const door = openDoor(file, 'dock', 'gate');
  const from = { clientId: 'reader', address: '10.0.0.1', certificate: undefined };
  door.signIn(from, 'user-dock', Buffer.from('wrong'));
  door.signIn(from, 'user-gate', Buffer.from('wrong'));
  for (let at = 0; at < 300; at += 1) {
    door.signIn({ ...from, clientId: `${at}` }, `user-${at}`, Buffer.from('guess'));
  }
  const refused = { reason: 'wrong-password', device: 'dock', clientId: 'reader', count: 1 };
  expect(door.refusals.list()).toContainEqual(expect.objectContaining(refused));
  door.keep('now');
  const after = openDoor(file, 'dock').refusals.list();
  expect(after).toEqual([expect.objectContaining(refused)]);
});
