import { expect, test } from 'vitest';
import { trialMs } from './config-trial.ts';
import { healthOf, own, renamed, setUp, yard } from './testing/config-site.ts';

test('a pushed config is in force at once and confirmed by word of the hub', async () => {
  const { clock, entries, fileText, said, start, take } = setUp();
  const target = start();
  expect(await take(target, 1, yard)).toMatchObject({ result: 'trial' });
  expect(fileText()).toContain('id: yard');
  expect(entries).toMatchObject([{ type: 'config', origin: 'hub' }]);
  expect(target.report()).toMatchObject({ owner: 'hub', trialUntilMs: clock.nowMs() + trialMs });
  expect(target.report().zones).toEqual(['dock', 'yard']);
  await target.judge();
  expect(said).toEqual([]);
  // What was asked before it was in force is no sign that the link lives with it.
  target.contact(clock.monotonicMs() - 1);
  await target.judge();
  expect(said).toEqual([]);
  target.contact(clock.monotonicMs());
  await target.judge();
  expect(said).toEqual([[1, { result: 'applied', inForce: target.report().hash }]]);
  expect(target.report()).not.toHaveProperty('trialUntilMs');
});

test('without word of the hub for three minutes the former content returns, as a version and an event', async () => {
  const { applier, clock, entries, fileText, said, start, take } = setUp();
  const { hash } = applier.view();
  const target = start();
  await take(target, 1, yard);
  clock.advance(trialMs - 1);
  await target.judge();
  expect(fileText()).toContain('yard');
  clock.advance(1);
  await target.judge();
  expect(fileText()).toBe(own);
  expect(applier.view().hash).toBe(hash);
  expect(said).toMatchObject([[1, { result: 'returned', code: 'LINK_DOWN', inForce: hash }]]);
  expect(entries.map(({ type }) => type)).toEqual(['config', 'config', 'config-refused']);
  expect(target.report().refused).toMatchObject({ code: 'LINK_DOWN' });
});

test('a device that it touched and that does not come back takes it back', async () => {
  const { clock, devices, fileText, said, start, take } = setUp();
  const target = start();
  expect(await take(target, 1, renamed)).toMatchObject({ result: 'trial' });
  devices.list = [healthOf(false)];
  target.contact(clock.monotonicMs());
  await target.judge();
  clock.advance(trialMs);
  await target.judge();
  expect(said).toMatchObject([[1, { result: 'returned', code: 'UNAVAILABLE' }]]);
  expect(said[0]?.[1].text).toContain('shelf');
  expect(fileText()).toBe(own);
});

test('a device that was away before is not waited for', async () => {
  const { clock, devices, said, start, take } = setUp();
  devices.list = [healthOf(false)];
  const target = start();
  await take(target, 1, renamed);
  target.contact(clock.monotonicMs());
  await target.judge();
  expect(said).toMatchObject([[1, { result: 'applied' }]]);
});

test('a trial outlives the process: it begins anew and still knows what to return to', async () => {
  const { clock, fileText, said, start, take } = setUp();
  const first = start();
  await take(first, 1, yard);
  first.stop();
  const second = start();
  // The entry comes again when the process died before it was settled.
  expect(await take(second, 1, yard)).toMatchObject({ result: 'trial' });
  clock.advance(trialMs);
  await second.judge();
  expect(said).toMatchObject([[1, { result: 'returned' }]]);
  expect(fileText()).toBe(own);
});

test('what comes during a trial shares it: both are confirmed, or what was before both returns', async () => {
  const { clock, fileText, said, start, take } = setUp();
  const target = start();
  await take(target, 1, yard);
  await take(target, 2, yard.replace('yard', 'ramp'));
  expect(fileText()).toContain('ramp');
  clock.advance(trialMs);
  await target.judge();
  expect(said.map(([seq, { result }]) => [seq, result])).toEqual([
    [1, 'returned'],
    [2, 'returned'],
  ]);
  expect(fileText()).toBe(own);
});

test('the same again changes nothing and is on no trial', async () => {
  const { applier, entries, start, take } = setUp();
  const target = start();
  for (let seq = 1; seq <= 100; seq += 1) {
    const outcome = await take(target, seq, 'zones: [{ id: dock, status: receiving }]\n');
    expect(outcome).toEqual({ result: 'applied', inForce: applier.view().hash });
  }
  expect(entries).toEqual([]);
});

test('what is wrong is refused with its faults in lines of the pushed text, and nothing changes', async () => {
  const { entries, fileText, start, take } = setUp();
  const target = start();
  const outcome = await take(target, 1, '# one\nzones:\n  - { id: dock, status: unheard-of }\n');
  expect(outcome).toMatchObject({
    result: 'refused',
    code: 'CONFIG_INVALID',
    faults: [{ line: 3, path: '/zones/0/status' }],
  });
  expect(fileText()).toBe(own);
  expect(entries).toMatchObject([{ type: 'config-refused', origin: 'hub' }]);
  expect(target.report().refused?.faults).toHaveLength(1);
});

test('a gateway whose file owns its config says so and takes nothing', async () => {
  const { fileText, start, take } = setUp(own.replace('configOwner: hub', 'configOwner: file'));
  const target = start();
  expect(await take(target, 1, yard)).toMatchObject({ result: 'refused', code: 'CONFLICT' });
  expect(target.report()).toMatchObject({ owner: 'file', zones: ['dock'] });
  expect(fileText()).not.toContain('yard');
});
