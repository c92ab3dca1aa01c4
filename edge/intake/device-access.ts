import { createHash, timingSafeEqual } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Fault } from '#contracts/fault.ts';
import type { MqttAccessConfig } from '../config/mqtt-config.ts';

/** What a device signs in by. */
export type DeviceKey =
  | {
      readonly type: 'password';
      readonly username: string;
      /** SHA-256 of the password, so that comparing takes the same time for any two. */
      readonly digest: Buffer;
    }
  /** A certificate that is believed, by the common name of its subject. */
  | { readonly type: 'common-name'; readonly commonName: string }
  /** One certificate, by the SHA-256 over it in lower-case hex. */
  | { readonly type: 'sha256'; readonly sha256: string };

/** What a device may do at the broker: sign in, publish and listen in its subtree. */
export interface DeviceAccess {
  readonly device: string;
  readonly key: DeviceKey;
  /** The levels of its topic prefix; `+` stands for any one. */
  readonly prefix: readonly string[];
}

/** @param password of one that does not sign in by a certificate */
export function deviceAccess(
  device: string,
  mqtt: MqttAccessConfig,
  password: string | undefined,
): DeviceAccess {
  const prefix = (mqtt.topic ?? device).split('/');
  return { device, key: keyOf(mqtt, password), prefix };
}

function keyOf({ certificate, username }: MqttAccessConfig, password?: string): DeviceKey {
  if (certificate?.sha256 !== undefined) {
    return { type: 'sha256', sha256: certificate.sha256.replaceAll(':', '').toLowerCase() };
  }
  if (certificate?.commonName !== undefined) {
    return { type: 'common-name', commonName: certificate.commonName };
  }
  if (username === undefined || password === undefined) {
    throw new Fault('CONFIG_INVALID', 'a device over MQTT has neither password nor certificate');
  }
  return { type: 'password', username, digest: digestOf(password) };
}

/** A device that signs in by a password. */
type ByPassword = DeviceAccess & { readonly key: { readonly type: 'password' } };

/** Devices by what they sign in with. */
export interface AccessTable {
  readonly byDevice: ReadonlyMap<string, DeviceAccess>;
  readonly byUsername: ReadonlyMap<string, ByPassword>;
  readonly byCommonName: ReadonlyMap<string, DeviceAccess>;
  readonly byCertificate: ReadonlyMap<string, DeviceAccess>;
}

export function accessTable(devices: readonly DeviceAccess[]): AccessTable {
  const byUsername = new Map<string, ByPassword>();
  const byCommonName = new Map<string, DeviceAccess>();
  const byCertificate = new Map<string, DeviceAccess>();
  for (const access of devices) {
    const { key } = access;
    if (key.type === 'password') byUsername.set(key.username, { ...access, key });
    else if (key.type === 'sha256') byCertificate.set(key.sha256, access);
    else byCommonName.set(key.commonName, access);
  }
  const byDevice = new Map(devices.map((access) => [access.device, access]));
  return { byDevice, byUsername, byCommonName, byCertificate };
}

/** Whether one who signed in by the one may go on by the other. */
export function isSameAccess(a: DeviceAccess, b: DeviceAccess): boolean {
  return (
    a.device === b.device &&
    isDeepStrictEqual(a.key, b.key) &&
    a.prefix.join('/') === b.prefix.join('/')
  );
}

function digestOf(secret: string | Uint8Array): Buffer {
  return createHash('sha256').update(secret).digest();
}

const nobody = digestOf('nobody signs in with this');

/** Finds who signs in, in the same time whether the name, the password or nothing is wrong. */
export function signIn(
  byUsername: AccessTable['byUsername'],
  username: string | undefined,
  password: Uint8Array | undefined,
): DeviceAccess | undefined {
  const access = byUsername.get(username ?? '');
  const given = digestOf(password ?? new Uint8Array());
  const equal = timingSafeEqual(given, access?.key.digest ?? nobody);
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
