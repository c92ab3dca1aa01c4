import type { DeviceProfile } from '../../devices/profile.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { refusalAdvice } from '../intake/refusal-advice.ts';
import type { RefusedClient } from '../intake/refusal-log.ts';
import type { Survey, UnreadMessage } from './device-traffic.ts';
import { slug } from './propose-plc.ts';

/** What a gateway heard that its config has no place for, as changes of the config. */
export interface DeviceProposals {
  /** What is in order, and what is to be done elsewhere. */
  readonly notes: readonly string[];
  /** Devices to add, as YAML; empty where none was heard. */
  readonly yaml: string;
}

/** @param profiles every device type */
export function proposeDevices(
  config: GatewayConfig,
  { channels, refusals, unread }: Survey,
  profiles: readonly DeviceProfile[],
): DeviceProposals {
  const heard = channels.map(({ channel, device, messages, readings, types }) => {
    const what = types.length > 0 ? types.join(', ') : 'nothing that is read';
    return `${device} "${channel}": ${messages} messages, ${readings} readings (${what})`;
  });
  const unknown = refusals.filter(({ reason }) => reason === 'unknown-user');
  return {
    notes: [
      ...heard,
      ...topicNotes(config, unread, profiles),
      ...refusals.filter(({ reason }) => reason !== 'unknown-user').map(refusalNote),
    ],
    yaml: unknown.length === 0 ? '' : ['devices:', ...newDevices(config, unknown)].join('\n'),
  };
}

function refusalNote(refused: RefusedClient): string {
  const { address = '?', certificate, clientId, count, reason, username } = refused;
  const { cause, remedy } = refusalAdvice[reason];
  const who = username ?? (clientId || (certificate ?? 'somebody'));
  return `refused ${count} times: ${who} from ${address}: ${cause}. ${remedy}`;
}

/** Messages outside a device's topic: where it would have to begin for them to be read. */
function topicNotes(
  config: GatewayConfig,
  unread: readonly UnreadMessage[],
  profiles: readonly DeviceProfile[],
): string[] {
  const stray = unread.filter(({ reason }) => reason === 'wrong-topic');
  const first = new Map(stray.map((one) => [`${one.device} ${one.channel}`, one]));
  return [...first.values()].map((message) => {
    const { channel, device } = message;
    const own = config.devices.find(({ id }) => id === device)?.profile;
    const fits = fittingTopic(
      message,
      profiles.filter(({ id }) => id === own),
    );
    const other = fits ?? fittingTopic(message, profiles);
    const wrong = `${device} publishes to "${channel}", outside its topic`;
    if (other === undefined) return `${wrong}: set mqtt.topic to where that begins`;
    const { profile, topic } = other;
    const also = profile.id === own ? '' : `, and profile: ${profile.id} (${profile.label})`;
    return `${wrong}: set mqtt.topic: ${topic}${also}`;
  });
}

/** The shortest beginning of a topic below which a profile reads the message. */
function fittingTopic(
  { channel: topic, headBase64 }: UnreadMessage,
  profiles: readonly DeviceProfile[],
): { readonly topic: string; readonly profile: DeviceProfile } | undefined {
  const levels = topic.split('/');
  const payload = Buffer.from(headBase64, 'base64');
  for (const profile of profiles) {
    if (profile.transport !== 'mqtt') continue;
    for (let count = 1; count <= levels.length; count += 1) {
      const channel = levels.slice(count).join('/');
      if (!reads(profile, channel, payload)) continue;
      return { topic: levels.slice(0, count).join('/'), profile };
    }
  }
  return undefined;
}

function reads(profile: DeviceProfile, channel: string, payload: Uint8Array): boolean {
  try {
    const { decoded } = profile.decode(profile.initialState, { channel, payload, receivedAtMs: 0 });
    return decoded.ok && decoded.readings.length > 0;
  } catch {
    return false;
  }
}

function newDevices(config: GatewayConfig, refused: readonly RefusedClient[]): string[] {
  const taken = new Set(config.devices.map(({ id }) => id));
  const byUser = new Map(refused.map((one) => [one.username ?? '', one]));
  return [...byUser].flatMap(([username, { address = '?', clientId, count }]) => {
    let id = slug(username) || slug(clientId) || 'device';
    while (taken.has(id)) id = `${id.slice(0, 37)}-2`;
    taken.add(id);
    const name = JSON.stringify(username === '' ? id : username);
    const seen = `client ${JSON.stringify(clientId)} at ${address}, refused ${count} times`;
    return [
      `  # ${seen}: no device has its user name`,
      `  - id: ${id}`,
      '    profile: CHOOSE # what it is: gateway check says which there are',
      '    zone: CHOOSE # one of your zones',
      `    mqtt: { username: ${name}, passwordFile: keys/${id}.password }`,
      '    buffers: true # false, if it does not keep what was not acknowledged',
      '    silentAfterMs: 60000',
    ];
  });
}
