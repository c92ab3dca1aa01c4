import { isPlaceable } from '../climate/climate-reading.ts';
import { statusOf } from '../climate/read-online.ts';
import { rememberKey } from '../climate/recent-keys.ts';
import type { StatusReading } from '../reading.ts';
import type { SparkplugPayload } from './read-sparkplug.ts';
import type { Birth } from './sparkplug-births.ts';

/**
 * What is known of an edge node. `seq` is the last sequence number, absent while nobody knows;
 * `missed` waits for the next readable message. Births by device, the edge node's own under the
 * empty name. `recent` are the natural keys of the last messages. `gap`: messages are missing since
 * the node's birth, a device's birth may be among them. `askedMs` is when a rebirth was last asked
 * for.
 */
export type EdgeNode = {
  readonly askedMs?: number;
  readonly bdSeq?: number;
  readonly births: { readonly [device: string]: Birth };
  readonly gap?: true;
  readonly missed: number;
  readonly recent?: readonly string[];
  readonly seq?: number;
};

export const unheard: EdgeNode = { births: {}, missed: 0 };

/**
 * A node with many devices answers with as many births, of which some may be lost again: it is not
 * asked again before this, whatever it sends.
 */
export const askEveryMs = 60_000;

/** A new life of the node: earlier aliases and devices are void (6.4.19). */
export function nodeBirth(node: EdgeNode, payload: SparkplugPayload, seq: number): EdgeNode {
  const bdSeq = bdSeqOf(payload);
  return { ...unborn(node), seq, ...(bdSeq === undefined ? {} : { bdSeq }) };
}

/** What outlives a node. */
function unborn({ askedMs, missed, recent }: EdgeNode): EdgeNode {
  return {
    births: {},
    missed,
    ...(askedMs === undefined ? {} : { askedMs }),
    ...(recent === undefined ? {} : { recent }),
  };
}

/** Sequence numbers count 0 to 255 and wrap, over the node and all its devices (6.4.6). */
export function advance(node: EdgeNode, seq: number): EdgeNode {
  const skipped = node.seq === undefined || node.seq === seq ? 0 : (seq - node.seq + 255) % 256;
  if (skipped === 0) return { ...node, seq };
  return { ...node, seq, missed: node.missed + skipped, gap: true };
}

/** The will of an earlier connection may arrive after the node's new birth: its bdSeq tells. */
export function nodeDeath(
  node: EdgeNode,
  payload: SparkplugPayload,
): { node: EdgeNode; readings: StatusReading[] } {
  const bdSeq = bdSeqOf(payload);
  if (node.bdSeq !== undefined && bdSeq !== undefined && bdSeq !== node.bdSeq) {
    return { node, readings: [] };
  }
  const devices = Object.keys(node.births).filter((device) => device !== '');
  const gone = [undefined, ...devices].map((device) => statusOf(device, false));
  return { node: unborn(node), readings: gone };
}

/**
 * A message's natural key within its node: bdSeq and seq, and the time because seq comes round
 * every 256 messages. None where the node's clock cannot be believed: a node that boots at the same
 * wrong time again would pass for the old one.
 */
export function keyOf(
  node: EdgeNode,
  type: string,
  { seq, ...payload }: SparkplugPayload,
  receivedAtMs: number,
): string | undefined {
  if (seq === undefined || !isPlaceable(payload.timestampMs, receivedAtMs)) return undefined;
  const bdSeq = type === 'NBIRTH' ? bdSeqOf(payload) : node.bdSeq;
  return `${bdSeq ?? ''}.${seq}@${payload.timestampMs}`;
}

/** @returns undefined for a message that was seen. */
export function remember(node: EdgeNode, key: string | undefined): EdgeNode | undefined {
  if (key === undefined) return node;
  const recent = rememberKey(node.recent ?? [], key);
  return recent === undefined ? undefined : { ...node, recent };
}

export function mayAsk({ askedMs }: EdgeNode, nowMs: number): boolean {
  return askedMs === undefined || nowMs < askedMs || nowMs - askedMs >= askEveryMs;
}

function bdSeqOf(payload: Pick<SparkplugPayload, 'metrics'>): number | undefined {
  const value = payload.metrics.find(({ name }) => name === 'bdSeq')?.value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}
