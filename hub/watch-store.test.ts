import { expect, test } from 'vitest';
import { Fault } from '#contracts/fault.ts';
import { openTestStore } from './intake/testing/test-hub.ts';
import { watchStore } from './watch-store.ts';

test('a full disk is remembered until a write succeeds; other faults are not that', async () => {
  const { store, close } = await openTestStore();
  const watched = watchStore(store);
  const failing = (code: 'STORE_FULL' | 'UNAVAILABLE') =>
    watched.write(() => Promise.reject(new Fault(code, 'no')));
  await expect(failing('UNAVAILABLE')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(watched.state()).toBe('ok');
  await expect(failing('STORE_FULL')).rejects.toMatchObject({ code: 'STORE_FULL' });
  expect(watched.state()).toBe('full');
  expect(await watched.write(() => Promise.resolve(7))).toBe(7);
  expect(watched.state()).toBe('ok');
  await close();
});
