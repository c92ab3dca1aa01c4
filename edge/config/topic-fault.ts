import type { ConfigFault } from '#contracts/config-fault.ts';

/** What is wrong with a device's topic prefix: `+` may stand for a whole level, `#` for nothing. */
export function topicFault(path: string, topic: string): ConfigFault[] {
  const levels = topic.split('/');
  const remedy = 'Write a topic like line-1/reader-2 or spBv1.0/plant/+/edge-1.';
  const bad = (message: string): ConfigFault[] => [{ path, value: topic, message, remedy }];
  if (topic.startsWith('$')) return bad('begins with $, which is the broker’s own');
  if (topic.includes('#')) return bad('holds #, which only subscriptions may');
  if (levels.includes('')) return bad('has an empty level');
  if (levels.some((level) => level.includes('+') && level !== '+')) {
    return bad('has + inside a level');
  }
  if (levels.every((level) => level === '+')) return bad('names no level of its own');
  return [];
}

/**
 * Sparkplug has the kind of a message between group and edge node (specification 3.0, 4.1), and the
 * codec reads the topic from the wildcard on. `spBv1.0/<group>/+` is for all nodes of a group.
 */
export function sparkplugTopicFault(path: string, topic: string | undefined): ConfigFault[] {
  const [space, group, kind, ...nodes] = topic?.split('/') ?? [];
  const isNamed = group !== undefined && group !== '+' && nodes.every((node) => node !== '+');
  if (space === 'spBv1.0' && isNamed && kind === '+' && nodes.length <= 1) return [];
  const message =
    topic === undefined
      ? 'is missing: no Sparkplug message comes below the name of the device'
      : 'is no topic of Sparkplug messages: none of them could be read';
  const remedy = 'Write spBv1.0/<group>/+/<edge node>, with the + in the place of the kind.';
  return [{ path, value: topic, message, remedy }];
}
