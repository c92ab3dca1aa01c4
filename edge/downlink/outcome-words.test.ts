import { expect, test } from 'vitest';
import { travelFaults } from './outcome-words.ts';

test('what travels to the hub names the device and what was found, and no secret', () => {
  const message = 'names no zone of this gateway';
  const remedy = 'Use one of: dock.';
  const at = { name: 'dock-reader', message, remedy };
  expect(
    travelFaults([
      { ...at, path: '/devices/3/zone', line: 9, column: 3, value: 'atlantis' },
      { ...at, path: '/devices/3/mqtt/passwordFile', value: 'hunter2' },
      { ...at, path: '/devices/3/mqtt', value: { password: 'hunter2' } },
      { path: '/items', message: 'does not fit', remedy, value: 3 },
    ]),
  ).toEqual([
    {
      path: '/devices/3/zone',
      line: 9,
      column: 3,
      message: `dock-reader: ${message}, found "atlantis"`,
      remedy,
    },
    { path: '/devices/3/mqtt/passwordFile', message: `dock-reader: ${message}`, remedy },
    { path: '/devices/3/mqtt', message: `dock-reader: ${message}`, remedy },
    { path: '/items', message: 'does not fit, found 3', remedy },
  ]);
});
