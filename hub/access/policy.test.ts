import { expect, test } from 'vitest';
import { actions, can, isRole, roles } from './policy.ts';

test('an administrator may do everything there is', () => {
  const administrator = { username: 'a', role: 'administrator' as const };
  expect(actions.filter((action) => !can(administrator, action))).toEqual([]);
});

test('a role that nobody knows is none', () => {
  expect(roles.every(isRole)).toBe(true);
  expect(['', 'Administrator', 'root', '__proto__', 'constructor'].some(isRole)).toBe(false);
});
