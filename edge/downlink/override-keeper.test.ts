import { expect, test } from 'vitest';
import { trialMs } from './config-trial.ts';
import { own, setUp, yard } from './testing/config-site.ts';

const hourMs = 3_600_000;
const cellar = 'zones: [{ id: dock, status: receiving }, { id: cellar, status: available }]\n';
const request = { by: 'eng-7', forMs: hourMs, reason: 'the hub moved our dock', text: cellar };

test('a person’s own config is in force at once, said with who, why and until when', async () => {
  const { clock, entries, fileText, start } = setUp();
  const target = start();
  const sinceMs = clock.nowMs();
  const begun = await target.beginOverride(request);
  expect(begun).toMatchObject({
    ok: true,
    value: { by: 'eng-7', deferred: false, sinceMs, untilMs: sinceMs + hourMs },
  });
  expect(fileText()).toContain('id: cellar');
  expect(entries).toMatchObject([
    { type: 'config', origin: 'file' },
    { type: 'config-override', step: 'begun', by: 'eng-7', reason: request.reason, sinceMs },
  ]);
  expect(target.report().override).toEqual({
    by: 'eng-7',
    reason: request.reason,
    sinceMs,
    untilMs: sinceMs + hourMs,
  });
});

test('what was before returns by itself, after the time and not a moment sooner', async () => {
  const { applier, clock, entries, fileText, start } = setUp();
  const { hash } = applier.view();
  const target = start();
  await target.beginOverride(request);
  clock.advance(hourMs - 1);
  await target.judge();
  expect(fileText()).toContain('cellar');
  clock.advance(1);
  await target.judge();
  expect(fileText()).toBe(own);
  expect(applier.view().hash).toBe(hash);
  expect(entries.at(-1)).toMatchObject({
    type: 'config-override',
    step: 'ended',
    outcome: 'expired',
    inForce: 'former',
    hash,
  });
  expect(target.report()).not.toHaveProperty('override');
});

test('what the hub pushes meanwhile waits, and is on trial when the override ends', async () => {
  const { applier, clock, entries, fileText, said, start, take } = setUp();
  const target = start();
  await target.beginOverride(request);
  const inForce = applier.view().hash;
  expect(await take(target, 1, yard)).toMatchObject({ result: 'deferred' });
  expect(applier.view().hash).toBe(inForce);
  expect(await target.endOverride('eng-8')).toMatchObject({ value: { inForce: 'hub' } });
  expect(fileText()).toContain('id: yard');
  expect(fileText()).not.toContain('cellar');
  expect(said).toMatchObject([[1, { result: 'trial', inForce: applier.view().hash }]]);
  expect(entries.at(-1)).toMatchObject({ step: 'ended', by: 'eng-8', inForce: 'hub' });
  clock.advance(trialMs);
  await target.judge();
  expect(fileText()).toBe(own);
  expect(said.at(-1)).toMatchObject([1, { result: 'returned' }]);
});

test('what is wrong is refused to the hub also while an override stands, and does not wait', async () => {
  const { start, take } = setUp();
  const target = start();
  await target.beginOverride(request);
  expect(await take(target, 1, '# one\nzones:\n  - { id: dock, status: odd }\n')).toMatchObject({
    result: 'refused',
    faults: [{ line: 3, path: '/zones/0/status' }],
  });
  expect(target.override()?.deferred).toBe(false);
});

test('a trial that it interrupts begins anew behind it', async () => {
  const { fileText, said, start, take } = setUp();
  const target = start();
  expect(await take(target, 1, yard)).toMatchObject({ result: 'trial' });
  await target.beginOverride(request);
  expect(said).toMatchObject([[1, { result: 'deferred' }]]);
  expect(target.report()).not.toHaveProperty('trialUntilMs');
  await target.endOverride('eng-7');
  expect(fileText()).toContain('yard');
  expect(said.at(-1)).toMatchObject([1, { result: 'trial' }]);
  expect(target.report()).toHaveProperty('trialUntilMs');
});

test('a restart goes on with it, and with its end', async () => {
  const { clock, fileText, start, take } = setUp();
  const first = start();
  await first.beginOverride(request);
  await take(first, 1, yard);
  first.stop();
  const second = start();
  expect(fileText()).toContain('cellar');
  expect(second.override()).toMatchObject({ by: 'eng-7', deferred: true });
  clock.advance(hourMs);
  await second.judge();
  expect(fileText()).toContain('yard');
});

test('who dies before it is an event says it after the restart, and at its end ends it once', async () => {
  const { clock, dies, entries, fileText, start } = setUp();
  const first = start();
  dies.at = 'config-override';
  await first.beginOverride(request);
  first.stop();
  delete dies.at;
  const second = start();
  await second.judge();
  expect(entries.map(({ type }) => type)).toEqual(['config', 'config-override']);
  dies.at = 'config-override';
  clock.advance(hourMs);
  await second.judge();
  expect(second.override()).toBeDefined();
  second.stop();
  delete dies.at;
  const third = start();
  await third.judge();
  expect(third.override()).toBeUndefined();
  expect(fileText()).toBe(own);
  expect(entries.filter((one) => one.type === 'config-override')).toMatchObject([
    { step: 'begun' },
    { step: 'ended' },
  ]);
});

test('without room for its entry it is refused, and nothing stays of it', async () => {
  const { dies, fileText, start } = setUp();
  const target = start();
  dies.at = 'config';
  expect(await target.beginOverride(request)).toMatchObject({ refusal: { code: 'UNAVAILABLE' } });
  expect(target.override()).toBeUndefined();
  expect(fileText()).toBe(own);
});

test('another one takes its place and goes back to the same', async () => {
  const { clock, entries, fileText, start } = setUp();
  const target = start();
  await target.beginOverride(request);
  clock.advance(hourMs / 2);
  await target.beginOverride({ ...request, text: yard, reason: 'and the yard' });
  clock.advance(hourMs / 2);
  await target.judge();
  expect(fileText()).toContain('yard');
  clock.advance(hourMs / 2);
  await target.judge();
  expect(fileText()).toBe(own);
  const said = entries.filter((one) => one.type === 'config-override');
  expect(new Set(said.map(({ sinceMs }) => sinceMs)).size).toBe(1);
});

test('its faults are in lines of its own text, and nothing changes', async () => {
  const { entries, fileText, start } = setUp();
  const target = start();
  const text = '# mine\nzones:\n  - { id: dock, status: odd }\n';
  const refused = await target.beginOverride({ ...request, text });
  expect(refused).toMatchObject({
    refusal: {
      code: 'CONFIG_INVALID',
      details: { faults: [{ line: 3, path: '/zones/0/status' }] },
    },
  });
  for (const forMs of [0, 59_999, 8 * 24 * hourMs, Number.NaN]) {
    expect(await target.beginOverride({ ...request, forMs })).toMatchObject({
      refusal: { code: 'BAD_INPUT' },
    });
  }
  expect(fileText()).toBe(own);
  expect(entries).toEqual([]);
});

test('the file itself is not applied over it, and it also holds where the file owns the config', async () => {
  const { applier, fileText, start } = setUp(own.replace('configOwner: hub', 'configOwner: file'));
  const target = start();
  await target.beginOverride(request);
  expect(await applier.apply(yard, 'file')).toMatchObject({ refusal: { code: 'CONFLICT' } });
  await target.endOverride('eng-7');
  expect(fileText()).not.toContain('cellar');
  expect((await applier.apply(undefined, 'file')).ok).toBe(true);
});

test('time that an operator had go back behind its beginning ends it', async () => {
  const { clock, fileText, start } = setUp();
  const target = start();
  await target.beginOverride(request);
  clock.wallMs -= 10 * hourMs;
  await target.judge();
  expect(fileText()).toBe(own);
});
