import type { Canonical } from '#contracts/canonical.ts';
import { unreadable } from '../json/split-json.ts';
import type { Decoded, DeviceMessage } from '../profile.ts';
import type { Reading, StatusReading } from '../reading.ts';
import { readSparkplug } from './read-sparkplug.ts';
import type { SparkplugPayload } from './read-sparkplug.ts';
import { birthOf } from './sparkplug-births.ts';
import type { Birth } from './sparkplug-births.ts';
import { climateOf } from './sparkplug-metrics.ts';

/** Edge nodes by name. */
export type SparkplugState = { readonly [edge: string]: EdgeNode };

/**
 * `seq` is the last sequence number, absent while nobody knows; `missed` waits for the next
 * readable message. Births by device, the edge node's own under the empty name.
 */
type EdgeNode = {
  readonly bdSeq?: number;
  readonly births: { readonly [device: string]: Birth };
  readonly missed: number;
  readonly seq?: number;
};

const unheard: EdgeNode = { births: {}, missed: 0 };
const maxEdges = 200;
const maxDevices = 500;

type Step = { readonly state: Canonical; readonly decoded: Decoded };

/**
 * One Sparkplug B message, channel `<TYPE>/<edge node>[/<device>]` (specification 3.0, chapters 4
 * and 6). Sequence numbers and birth certificates are taken from every message that can be parsed,
 * also from one that is refused, so that one bad metric does not look like lost messages.
 */
export function decodeSparkplug(state: SparkplugState, message: DeviceMessage): Step {
  const [type = '', edge = '', device, ...rest] = message.channel.split('/');
  const refuse = (decoded: Decoded): Step => ({ state, decoded });
  if (ignoredTypes.has(type)) return refuse({ ok: true, readings: [] });
  const needsDevice = type.startsWith('D');
  if (!messageTypes.has(type) || edge === '' || rest.length > 0) {
    return refuse(unreadable('unknown-message', `topic "${message.channel.slice(0, 120)}"`));
  }
  if (needsDevice !== (device !== undefined && device !== '') || !message.channel.isWellFormed()) {
    return refuse(unreadable('unknown-message', `topic "${message.channel.slice(0, 120)}"`));
  }
  const payload = readSparkplug(message.payload);
  if (payload === undefined) return refuse(unreadable('malformed', 'no Sparkplug B payload'));
  const node = Object.hasOwn(state, edge) ? (state[edge] ?? unheard) : unheard;
  const isFull = !Object.hasOwn(state, edge) && Object.keys(state).length >= maxEdges;
  if (isFull) return refuse(unreadable('unknown-message', `more than ${maxEdges} edge nodes`));
  if (type === 'NDEATH') {
    const { node: dead, readings } = nodeDeath(node, payload);
    return { state: { ...state, [edge]: dead }, decoded: { ok: true, readings } };
  }
  const { seq } = payload;
  if (seq === undefined) return refuse(unreadable('malformed', 'no sequence number'));
  if (seq < 0 || seq > 255) return refuse(unreadable('wrong-type', `sequence number ${seq}`));
  const next = type === 'NBIRTH' ? nodeBirth(node, payload, seq) : advance(node, seq);
  const told = tell(next, type, device, payload);
  return { state: { ...state, [edge]: told.node }, decoded: told.decoded };
}

/** The host's state and commands to the node pass below the same prefix. */
const ignoredTypes: ReadonlySet<string> = new Set(['STATE', 'NCMD', 'DCMD']);
const messageTypes: ReadonlySet<string> = new Set([
  'NBIRTH',
  'NDEATH',
  'NDATA',
  'DBIRTH',
  'DDEATH',
  'DDATA',
]);

/** A new life of the node: earlier aliases and devices are void (6.4.19). */
function nodeBirth(node: EdgeNode, payload: SparkplugPayload, seq: number): EdgeNode {
  const bdSeq = bdSeqOf(payload);
  return { births: {}, missed: node.missed, seq, ...(bdSeq === undefined ? {} : { bdSeq }) };
}

/** Sequence numbers count 0 to 255 and wrap, over the node and all its devices (6.4.6). */
function advance(node: EdgeNode, seq: number): EdgeNode {
  if (node.seq === undefined || node.seq === seq) return { ...node, seq };
  return { ...node, seq, missed: node.missed + ((seq - node.seq - 1 + 256) % 256) };
}

/** The will of an earlier connection may arrive after the node's new birth: its bdSeq tells. */
function nodeDeath(
  node: EdgeNode,
  payload: SparkplugPayload,
): { node: EdgeNode; readings: Reading[] } {
  const bdSeq = bdSeqOf(payload);
  if (node.bdSeq !== undefined && bdSeq !== undefined && bdSeq !== node.bdSeq) {
    return { node, readings: [] };
  }
  const devices = Object.keys(node.births).filter((device) => device !== '');
  const gone = [undefined, ...devices].map((device) => statusOf(device, false));
  return { node: { births: {}, missed: node.missed }, readings: gone };
}

function bdSeqOf(payload: SparkplugPayload): number | undefined {
  const value = payload.metrics.find(({ name }) => name === 'bdSeq')?.value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}

function tell(
  node: EdgeNode,
  type: string,
  device: string | undefined,
  payload: SparkplugPayload,
): { node: EdgeNode; decoded: Decoded } {
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
  const climate = climateOf(payload, device, birth);
  if (!climate.ok) return { node: grown, decoded: climate };
  const status = isBirth ? [statusOf(device, true)] : [];
  return withMissed(grown, [...status, ...climate.readings]);
}

function withMissed(
  node: EdgeNode,
  readings: readonly Reading[],
): { node: EdgeNode; decoded: Decoded } {
  if (node.missed === 0) return { node, decoded: { ok: true, readings } };
  const missed: Reading = { type: 'missed', samples: node.missed };
  return { node: { ...node, missed: 0 }, decoded: { ok: true, readings: [missed, ...readings] } };
}

function statusOf(sensor: string | undefined, connected: boolean): StatusReading {
  return { type: 'status', connected, ...(sensor === undefined ? {} : { sensor }) };
}
