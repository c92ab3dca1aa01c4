import { expect, test } from 'vitest';
import { nextPushStep, type PushedGateway } from './push-machine.ts';

type Of = Partial<Omit<PushedGateway, 'gateway'>>;

function gateways(...of: Of[]): PushedGateway[] {
  const rest = { sent: false, result: undefined, reason: undefined, ill: undefined };
  return of.map((one, index) => ({ gateway: `gw-${index + 1}`, ...rest, ...one }));
}
const applied: Of = { sent: true, result: 'applied' };

test('waves of the given size go out in order, each when the one before is in force and healthy', () => {
  expect(nextPushStep(gateways({}, {}, {}), 2)).toEqual({
    type: 'send',
    gateways: ['gw-1', 'gw-2'],
  });
  expect(nextPushStep(gateways(applied, applied, {}), 2)).toEqual({
    type: 'send',
    gateways: ['gw-3'],
  });
  expect(nextPushStep(gateways(applied, applied, applied), 2)).toEqual({ type: 'done' });
});

test.each<[string, Of, string]>([
  ['has not answered', { sent: true }, 'gw-2 to answer'],
  ['has it on trial', { sent: true, result: 'trial' }, 'gw-2 to confirm it'],
  [
    'keeps it until its override ends',
    { sent: true, result: 'deferred' },
    'gw-2 to end its local override',
  ],
  ['is not heard', { sent: true, ill: 'silent' }, 'gw-2 to answer, which is silent'],
  ['is not healthy', { ...applied, ill: 'silent' }, 'gw-2, which is silent'],
])('a gateway that %s holds the next wave back', (_what, of, waits) => {
  expect(nextPushStep(gateways(applied, of, {}), 2)).toEqual({ type: 'wait', for: waits });
});

test.each(['refused', 'returned'] as const)('the first that %s it stops the push', (result) => {
  const of = { sent: true, result, reason: 'two faults' };
  const step = nextPushStep(gateways({ sent: true }, of, {}), 2);
  expect(step).toEqual({ type: 'stop', reason: `gw-2 ${result} it: two faults` });
});

test('whether the last wave is healthy delays nobody', () => {
  expect(nextPushStep(gateways({ ...applied, ill: 'silent' }), 1)).toEqual({ type: 'done' });
});
