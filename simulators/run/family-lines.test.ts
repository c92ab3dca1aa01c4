import { expect, test } from 'vitest';
import { familyLines } from './family-lines.ts';

test('devices of one family are one line', () => {
  const tally = { polled: false, made: 600, covered: 600, uncovered: 0, acknowledged: 599 };
  const lines = familyLines([
    { device: 'a', profile: 'ruuvi', ...tally },
    { device: 'b', profile: 'zigbee2mqtt', ...tally, covered: 0, uncovered: 1 },
    { device: 'c', profile: 'ruuvi', ...tally },
  ]);
  expect(lines).toEqual([
    'ruuvi        made 1,200   acknowledged 1,198   covered 1,200   uncovered 0',
    'zigbee2mqtt  made 600   acknowledged 599   covered 0   uncovered 1',
  ]);
});
