const eventTypes = ['up', 'join', 'status'] as const;
export type EventType = (typeof eventTypes)[number];

/** Events about downlinks, places and trouble, of v3 and v4, and downlinks themselves. */
const otherTypes: ReadonlySet<string> = new Set([
  'ack',
  'down',
  'error',
  'integration',
  'location',
  'log',
  'tx',
  'txack',
]);

/**
 * The event that a channel is for: its last level, as in `device/<EUI>/event/up` and in v3's older
 * `device/<EUI>/rx`.
 *
 * @returns `other` for an event that says nothing of a sensor, undefined for no event.
 */
export function eventTypeOf(channel: string): EventType | 'other' | undefined {
  const last = channel.slice(channel.lastIndexOf('/') + 1);
  if (last === 'rx') return 'up';
  if (otherTypes.has(last)) return 'other';
  return eventTypes.find((type) => type === last);
}
