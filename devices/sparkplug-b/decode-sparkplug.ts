import type { Canonical } from '#contracts/canonical.ts';
import { decodedOf } from '../climate/climate-reading.ts';
import { statusOf } from '../climate/read-online.ts';
import { unreadable } from '../json/split-json.ts';
import type { Unreadable } from '../json/split-json.ts';
import type { Decoded, DeviceMessage } from '../profile.ts';
import type { Reading } from '../reading.ts';
import { advance, keyOf, mayAsk, nodeBirth, nodeDeath, remember, unheard } from './edge-node.ts';
import type { EdgeNode } from './edge-node.ts';
import { readSparkplug } from './read-sparkplug.ts';
import type { SparkplugPayload } from './read-sparkplug.ts';
import { rebirthRequest } from './rebirth-request.ts';
import { birthOf } from './sparkplug-births.ts';
import { climateOf, unknownAlias } from './sparkplug-metrics.ts';
import { topicOf } from './sparkplug-topic.ts';
import type { SparkplugTopic } from './sparkplug-topic.ts';

/** Edge nodes by name. */
export type SparkplugState = { readonly [edge: string]: EdgeNode };

const maxEdges = 200;
const maxDevices = 500;

type Step = { readonly state: Canonical; readonly decoded: Decoded };

/**
 * One Sparkplug B message, channel `<TYPE>/<edge node>[/<device>]` (specification 3.0, chapters 4
 * and 6). Sequence numbers and birth certificates are taken from every message that can be parsed,
 * also from one that is refused, so that one bad metric does not look like lost messages. Where the
 * node has to be born again to be understood, the outcome carries the request for it.
 */
export function decodeSparkplug(state: SparkplugState, message: DeviceMessage): Step {
  const leave = (decoded: Decoded): Step => ({ state, decoded });
  const topic = topicOf(message.channel);
  if (topic === 'other') return leave({ ok: true, readings: [] });
  if (topic === undefined) {
    return leave(unreadable('unknown-message', `topic "${message.channel.slice(0, 120)}"`));
  }
  const { edge, type } = topic;
  const payload = readSparkplug(message.payload);
  if (payload === undefined) return leave(unreadable('malformed', 'no Sparkplug B payload'));
  if (payload.compressed === true) {
    return leave(unreadable('unknown-message', 'compressed: switch that off at the edge node'));
  }
  const isKnown = Object.hasOwn(state, edge);
  if (!isKnown && Object.keys(state).length >= maxEdges) {
    return leave(unreadable('unknown-message', `more than ${maxEdges} edge nodes`));
  }
  const node = isKnown ? (state[edge] ?? unheard) : unheard;
  if (type === 'NDEATH') {
    const { node: dead, readings } = nodeDeath(node, payload);
    return { state: { ...state, [edge]: dead }, decoded: { ok: true, readings } };
  }
  const { seq } = payload;
  if (seq === undefined) return leave(unreadable('malformed', 'no sequence number'));
  if (seq < 0 || seq > 255) return leave(unreadable('wrong-type', `sequence number ${seq}`));
  const key = keyOf(node, type, payload, message.receivedAtMs);
  const heard = remember(node, key);
  if (heard === undefined) return leave({ ok: true, readings: [], repeated: 1 });
  const next = type === 'NBIRTH' ? nodeBirth(heard, payload, seq) : advance(heard, seq);
  const naturalKey = key === undefined ? undefined : `${edge}/${key}`;
  const { receivedAtMs } = message;
  const told = tell(next, topic, payload, { naturalKey, receivedAtMs });
  const asked = ask(told, topic, receivedAtMs);
  return { state: { ...state, [edge]: asked.node }, decoded: asked.decoded };
}

interface Told {
  readonly node: EdgeNode;
  readonly decoded: Decoded;
  /** Why the node should be born again, if it should. */
  readonly doubt?: string | undefined;
}

function tell(
  node: EdgeNode,
  { device, type }: SparkplugTopic,
  payload: SparkplugPayload,
  at: { naturalKey: string | undefined; receivedAtMs: number },
): Told {
  const key = device ?? '';
  if (type === 'DDEATH') {
    const { [key]: _gone, ...births } = node.births;
    return withMissed({ ...node, births }, [statusOf(device, false)]);
  }
  const isBirth = type === 'NBIRTH' || type === 'DBIRTH';
  const known = Object.hasOwn(node.births, key) ? node.births[key] : undefined;
  if (isBirth && known === undefined && Object.keys(node.births).length >= maxDevices) {
    return { node, decoded: unreadable('unknown-message', `more than ${maxDevices} devices`) };
  }
  const birth = isBirth ? birthOf(payload.metrics) : known;
  const grown =
    isBirth && birth !== undefined ? { ...node, births: { ...node.births, [key]: birth } } : node;
  const status = isBirth ? [statusOf(device, true)] : [];
  const climate = climateOf(payload, { device, birth, ...at });
  const doubt = doubtOf(grown, key, unknownAlias(payload, birth));
  return { ...withMissed(grown, [...status, ...climate]), doubt };
}

function doubtOf(node: EdgeNode, key: string, alias: number | undefined): string | undefined {
  if (!Object.hasOwn(node.births, '')) return 'no birth certificate of the node was seen';
  if (!Object.hasOwn(node.births, key)) return 'no birth certificate of the device was seen';
  if (alias !== undefined) return `alias ${alias} is in no birth certificate seen`;
  return node.gap === true ? 'messages are missing since the last birth' : undefined;
}

/** A message that gives nothing leaves what is missed to the next one. */
function withMissed(node: EdgeNode, parts: readonly (Reading | Unreadable)[]): Told {
  const decoded = decodedOf(parts);
  if (node.missed === 0 || !decoded.ok) return { node, decoded };
  const missed: Reading = { type: 'missed', samples: node.missed };
  const readings = [missed, ...decoded.readings];
  return { node: { ...node, missed: 0 }, decoded: { ...decoded, readings } };
}

/** Puts the request to a message's outcome, unless the node was asked a short while ago. */
function ask({ decoded, doubt, node }: Told, { edge }: SparkplugTopic, nowMs: number): Told {
  if (doubt === undefined || !mayAsk(node, nowMs)) return { decoded, node };
  const request = rebirthRequest(edge, nowMs, doubt);
  return { decoded: { ...decoded, request }, node: { ...node, askedMs: nowMs } };
}
