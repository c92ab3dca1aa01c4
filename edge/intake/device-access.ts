import { createHash, timingSafeEqual } from 'node:crypto';
import type { DeviceConfig } from '../config/gateway-config.ts';

/** What a device may do at the broker: sign in, publish and listen in its subtree. */
export interface DeviceAccess {
  readonly device: string;
  readonly username: string;
  /** SHA-256 of the password, so that comparing takes the same time for any two. */
  readonly passwordDigest: Buffer;
  /** The levels of its topic prefix; `+` stands for any one. */
  readonly prefix: readonly string[];
}

export function deviceAccess(
  device: string,
  mqtt: Pick<NonNullable<DeviceConfig['mqtt']>, 'username' | 'topic'>,
  password: string,
): DeviceAccess {
  const prefix = (mqtt.topic ?? device).split('/');
  return { device, username: mqtt.username, passwordDigest: digestOf(password), prefix };
}

export function byUsername(devices: readonly DeviceAccess[]): ReadonlyMap<string, DeviceAccess> {
  return new Map(devices.map((access) => [access.username, access]));
}

/** Whether one who signed in by the one may go on by the other. */
export function isSameAccess(a: DeviceAccess, b: DeviceAccess): boolean {
  return (
    a.device === b.device &&
    a.passwordDigest.equals(b.passwordDigest) &&
    a.prefix.join('/') === b.prefix.join('/')
  );
}

function digestOf(secret: string | Uint8Array): Buffer {
  return createHash('sha256').update(secret).digest();
}

const nobody = digestOf('nobody signs in with this');

/** Finds who signs in, in the same time whether the name, the password or nothing is wrong. */
export function signIn(
  byUsername: ReadonlyMap<string, DeviceAccess>,
  username: string | undefined,
  password: Uint8Array | undefined,
): DeviceAccess | undefined {
  const access = byUsername.get(username ?? '');
  const given = digestOf(password ?? new Uint8Array());
  const equal = timingSafeEqual(given, access?.passwordDigest ?? nobody);
  return equal ? access : undefined;
}

/**
 * The channel that a topic is for a device: what lies below its prefix, or, where the prefix has a
 * wildcard, what lies from that level on.
 *
 * @returns undefined for a topic outside its subtree.
 */
export function channelOf(access: DeviceAccess, topic: string): string | undefined {
  const { prefix } = access;
  const levels = topic.split('/');
  if (levels.length < prefix.length) return undefined;
  for (let index = 0; index < prefix.length; index += 1) {
    if (prefix[index] !== '+' && prefix[index] !== levels[index]) return undefined;
  }
  const wildcard = prefix.indexOf('+');
  return levels.slice(wildcard === -1 ? prefix.length : wildcard).join('/');
}

/** The topic of a channel of a device: the other way round than `channelOf`, where that is one. */
export function topicOf(access: DeviceAccess, channel: string): string | undefined {
  const { prefix } = access;
  const wildcard = prefix.indexOf('+');
  const above = wildcard === -1 ? prefix : prefix.slice(0, wildcard);
  const topic = [...above, channel].join('/');
  return !/[#+\0]/.test(topic) && channelOf(access, topic) === channel ? topic : undefined;
}

/** Whether a device may subscribe: within its own subtree. */
export function maySubscribe(access: DeviceAccess, filter: string): boolean {
  const { prefix } = access;
  const levels = filter.split('/');
  if (levels.length < prefix.length) return false;
  return prefix.every((level, index) => {
    const asked = levels[index];
    return level === '+' ? asked !== '#' : asked === level;
  });
}
