import type { ConfigFault } from '#contracts/config-fault.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { orderedJson } from './config-hash.ts';
import type { LiveSettings } from './live-settings.ts';

/** The ids of devices whose access begins, is another one, or ends. */
export interface DeviceChanges {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** What stands between two configs: exactly this is touched when the second takes effect. */
export interface ConfigDiff {
  /** Not even a secret is another one. */
  readonly isSame: boolean;
  /** What observers and policies work from is another one. */
  readonly site: boolean;
  readonly mqtt: DeviceChanges;
  readonly http: DeviceChanges;
  readonly opcua: DeviceChanges;
  /** `limit`: only how many may connect; `certificate`: only what the files of TLS hold. */
  readonly mqttListener: 'kept' | 'limit' | 'certificate' | 'address';
  readonly httpListener: 'kept' | 'token' | 'address';
  /** What a running gateway cannot change. */
  readonly fixed: readonly ConfigFault[];
}

/** Sections that may change while the gateway runs; for any other it starts anew. */
const liveSections: ReadonlySet<string> = new Set<keyof GatewayConfig>([
  'configOwner',
  'devices',
  'http',
  'items',
  'limits',
  'mqtt',
  'observe',
  'plcTemplates',
  'portals',
  'posting',
  'zones',
]);

/** Compares two configs with the secrets they name. */
export function diffConfig(before: LiveSettings, after: LiveSettings): ConfigDiff {
  const [from, to] = [before.config, after.config];
  const parts = {
    site: before.site.hash !== after.site.hash,
    mqtt: changesOf(before.mqtt, after.mqtt, ({ device }) => device),
    http: changesOf(
      before.http.map(withoutProfile),
      after.http.map(withoutProfile),
      ({ device }) => device,
    ),
    opcua: changesOf(before.opcua, after.opcua, ({ device }) => device),
    mqttListener: mqttListenerOf(before, after),
    httpListener: httpListenerOf(before, after),
    fixed: fixedFaults(from, to),
  };
  return { ...parts, isSame: orderedJson(before) === orderedJson(after) };
}

/** Which devices a diff lets go or starts anew, of every kind of access. */
export function touchedDevices({ http, mqtt, opcua }: ConfigDiff): string[] {
  const all = [http, mqtt, opcua].flatMap((of) => [...of.added, ...of.changed, ...of.removed]);
  return [...new Set(all)].toSorted();
}

function withoutProfile({ device, profile, tokenDigest }: LiveSettings['http'][number]) {
  return { device, profile: profile.id, tokenDigest };
}

function changesOf<T>(
  before: readonly T[],
  after: readonly T[],
  idOf: (one: T) => string,
): DeviceChanges {
  const former = new Map(before.map((one) => [idOf(one), orderedJson(one)]));
  const latter = new Map(after.map((one) => [idOf(one), orderedJson(one)]));
  const isChanged = (id: string) => former.has(id) && former.get(id) !== latter.get(id);
  return {
    added: [...latter.keys()].filter((id) => !former.has(id)),
    changed: [...latter.keys()].filter(isChanged),
    removed: [...former.keys()].filter((id) => !latter.has(id)),
  };
}

function mqttListenerOf(before: LiveSettings, after: LiveSettings): ConfigDiff['mqttListener'] {
  const { maxConnections: former, ...from } = before.config.mqtt;
  const { maxConnections: latter, ...to } = after.config.mqtt;
  if (orderedJson(from) !== orderedJson(to)) return 'address';
  if (before.tlsDigest !== after.tlsDigest) return 'certificate';
  return former === latter ? 'kept' : 'limit';
}

function httpListenerOf(before: LiveSettings, after: LiveSettings): ConfigDiff['httpListener'] {
  const { tokenFile: _former, ...from } = before.config.http;
  const { tokenFile: _latter, ...to } = after.config.http;
  if (orderedJson(from) !== orderedJson(to)) return 'address';
  return before.httpToken === after.httpToken ? 'kept' : 'token';
}

function fixedFaults(from: GatewayConfig, to: GatewayConfig): ConfigFault[] {
  return [...fixedKeys('', { ...from }, { ...to }, liveSections)];
}

type Section = Readonly<Record<string, unknown>>;

function fixedKeys(
  path: string,
  from: Section,
  to: Section,
  live: ReadonlySet<string>,
): ConfigFault[] {
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])].toSorted();
  return keys
    .filter((key) => !live.has(key) && orderedJson([from[key]]) !== orderedJson([to[key]]))
    .map((key) => ({ path: `${path}/${key}`, value: to[key], ...fixedWords(`${path}/${key}`) }));
}

function fixedWords(path: string): Pick<ConfigFault, 'message' | 'remedy'> {
  const message = 'cannot change while the gateway runs';
  switch (path) {
    case '/gateway':
      return {
        message: 'is the identity of the journal, which never changes',
        remedy: 'Put it back; a gateway with another name begins in a folder of its own.',
      };
    case '/dataDir':
      return {
        message,
        remedy: 'Put it back, or stop the gateway, move the folder there, and start it.',
      };
    default:
      return { message, remedy: 'Put it back, or restart the gateway, which takes seconds.' };
  }
}
