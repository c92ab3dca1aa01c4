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
