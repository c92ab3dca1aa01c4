import { describe, expect, test } from 'vitest';
import { accessTable, channelOf, deviceAccess, maySubscribe, signIn } from './device-access.ts';

const plain = deviceAccess('dock-3', { username: 'dock' }, 'secret');
const nested = deviceAccess('r1', { username: 'u', topic: 'site/line-1' }, 'secret');
const sparkplug = deviceAccess('edge-1', { username: 's', topic: 'spBv1.0/plant/+/edge-1' }, 'x');

describe('a channel', () => {
  test.each([
    [plain, 'dock-3', ''],
    [plain, 'dock-3/tags', 'tags'],
    [plain, 'dock-3/a/b', 'a/b'],
    [nested, 'site/line-1/tags', 'tags'],
    [sparkplug, 'spBv1.0/plant/NBIRTH/edge-1', 'NBIRTH/edge-1'],
    [sparkplug, 'spBv1.0/plant/DDATA/edge-1/probe', 'DDATA/edge-1/probe'],
  ])('of $0.device for %s', (access, topic, channel) => {
    expect(channelOf(access, topic)).toBe(channel);
  });

  test.each([
    [plain, 'dock-30'],
    [plain, 'dock'],
    [plain, '/dock-3'],
    [plain, '$SYS/dock-3'],
    [nested, 'site'],
    [nested, 'site/line-2'],
    [sparkplug, 'spBv1.0/plant/NBIRTH/edge-2'],
    [sparkplug, 'spBv1.0/plant/NBIRTH'],
  ])('is none for %o outside its subtree: %s', (access, topic) => {
    expect(channelOf(access, topic)).toBeUndefined();
  });
});

describe('a subscription', () => {
  test.each([
    [plain, 'dock-3/cmd', true],
    [plain, 'dock-3/#', true],
    [plain, 'dock-4/cmd', false],
    [plain, '#', false],
    [plain, '+/cmd', false],
    [nested, 'r1/cmd', false],
    [nested, 'site/line-1/#', true],
    [nested, 'site/#', false],
    [sparkplug, 'spBv1.0/plant/NCMD/edge-1', true],
    [sparkplug, 'spBv1.0/plant/+/edge-1/#', true],
    [sparkplug, 'spBv1.0/plant/#', false],
    [sparkplug, 'spBv1.0/plant/NCMD/edge-2', false],
  ])('of %o to %s: %s', (access, filter, may) => {
    expect(maySubscribe(access, filter)).toBe(may);
  });
});

describe('signing in', () => {
  const users = accessTable([plain]).byUsername;

  test('works with the right password alone', () => {
    expect(signIn(users, 'dock', Buffer.from('secret'))).toEqual(plain);
    expect(signIn(users, 'dock', Buffer.from('Secret'))).toBeUndefined();
    expect(signIn(users, 'dock', undefined)).toBeUndefined();
    expect(signIn(users, 'nobody', Buffer.from('secret'))).toBeUndefined();
    expect(signIn(users, undefined, undefined)).toBeUndefined();
  });
});
