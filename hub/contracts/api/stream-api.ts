import Type from 'typebox';
import type { Static } from 'typebox';
import { closed, epochMs, name } from '../schema.ts';

/**
 * What the server-sent stream says: something of a topic changed, at these sites. The data itself
 * is fetched, so that a stream that was cut never leaves a screen wrong. A `tick` every few
 * seconds proves that the stream lives.
 */
const streamTopics = ['stock', 'fleet', 'outages', 'tick'] as const;

export const streamMessage = closed({
  topic: Type.Enum([...streamTopics]),
  atMs: epochMs,
  sites: Type.Array(name),
});
export type StreamMessage = Static<typeof streamMessage>;
