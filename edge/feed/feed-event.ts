import type { EventHeader } from '#contracts/envelope.ts';
import type { EventRun } from '../journal/journal-reader.ts';

/** A journalled event as a warehouse system gets it. */
export interface FeedEvent {
  /** `<gateway>/<epoch>/<seq>`: names it everywhere and for good, so that a second copy is known. */
  readonly id: string;
  readonly seq: number;
  readonly kind: string;
  /** One line of JSON: id, header and payload, the latter two in the journal's own words. */
  readonly text: string;
}

/** The events of a run in their order. */
export function feedEventsOf({ lines }: Pick<EventRun, 'lines'>): FeedEvent[] {
  const parts = lines.join('').split('\n');
  const events: FeedEvent[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [header = '', payload = ''] = parts.slice(at, at + 2);
    const { epoch, gateway, kind, seq } = JSON.parse(header) as EventHeader;
    const id = `${gateway}/${epoch}/${seq}`;
    // An erased payload is `#` and its hash: no JSON by itself.
    const said = payload.startsWith('#')
      ? `"payloadSha256":"${payload.slice(1)}"`
      : `"payload":${payload}`;
    events.push({ id, seq, kind, text: `{"id":"${id}","header":${header},${said}}` });
  }
  return events;
}

/** Whether a target wants a kind. @param prefixes none: all */
export function wants(prefixes: readonly string[] | undefined, kind: string): boolean {
  return prefixes === undefined || prefixes.some((prefix) => kind.startsWith(prefix));
}
