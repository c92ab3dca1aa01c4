import { expect, test } from 'vitest';
import { demoFaults, describeFault, outageFaults } from './fault-plan.ts';

test('every cut of the demo is healed before the run ends, and a gateway is killed in between', () => {
  for (const seconds of [20, 60, 600]) {
    const faults = demoFaults(seconds, ['site-1', 'site-2']);
    for (const cut of faults.filter(({ type }) => type === 'cut')) {
      const heal = faults.find(
        (one) => one.type === 'heal' && one.site === cut.site && one.atS > cut.atS,
      );
      expect(heal?.atS).toBeLessThan(seconds);
    }
    const kills = faults.filter(({ type }) => type === 'kill-gateway');
    expect(new Set(kills.map(({ site }) => site)).size).toBe(2);
    expect(faults.some(({ type }) => type === 'restart-servers')).toBe(true);
  }
});

test('an outage plan cuts and heals every site', () => {
  const faults = outageFaults([{ fromS: 5, toS: 9 }], ['a', 'b']);
  expect(faults.map((fault) => `${fault.atS} ${describeFault(fault)}`)).toEqual([
    '5 the link of a is cut',
    '5 the link of b is cut',
    '9 the link of a is healed',
    '9 the link of b is healed',
  ]);
});
