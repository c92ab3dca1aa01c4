import { expect, test } from 'vitest';
import type { DeviceHealth } from '#contracts/now-lane.ts';
import { judgeTrial, trialMs, wellDevices } from './config-trial.ts';

function health(device: string, of: Partial<DeviceHealth> = {}): DeviceHealth {
  return {
    device,
    connected: true,
    covered: true,
    profile: 'impinj-r700',
    quarantined: 0,
    readsPerMinute: 0,
    silent: false,
    ...of,
  };
}
const trial = { seqs: [3], former: 'before', awaited: ['dock'] };

test('hub and devices that are there confirm it at once', () => {
  expect(judgeTrial(trial, 0, true, [health('dock')])).toEqual({ type: 'confirm' });
  expect(judgeTrial({ ...trial, awaited: [] }, 0, true, [])).toEqual({ type: 'confirm' });
});

test('what is missing is waited for, three minutes long', () => {
  const away = [health('dock', { connected: false })];
  expect(judgeTrial(trial, trialMs - 1, true, away)).toEqual({ type: 'wait' });
  expect(judgeTrial(trial, trialMs - 1, false, [health('dock')])).toEqual({ type: 'wait' });
  expect(judgeTrial(trial, trialMs, true, away)).toMatchObject({
    type: 'return',
    code: 'UNAVAILABLE',
    reason: 'not well again after three minutes: dock',
  });
  expect(judgeTrial(trial, trialMs, false, [health('dock')])).toMatchObject({ code: 'LINK_DOWN' });
});

test('a device that is silent, away or has a fault is not well', () => {
  const fault = { code: 'X', sinceMs: 0, text: '' };
  const devices = [
    health('well'),
    health('silent', { silent: true }),
    health('away', { connected: false }),
    health('faulty', { faults: [fault] }),
  ];
  expect(wellDevices(devices)).toEqual(['well']);
});
