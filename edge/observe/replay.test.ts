import { describe, expect, test } from 'vitest';
import type { EventDraft } from '#contracts/envelope.ts';
import type { SiteConfig } from '../config/gateway-config.ts';
import type { IntakeBody } from '../intake/intake-entry.ts';
import { restoreObserver, type Observer } from './observer.ts';
import { configBody, entriesOf, raw, startMs, testSite } from './testing/test-site.ts';

/**
 * What a handheld does that was out of reach: its buffer of 150,000 tag events comes at 500 a
 * second, hours old, behind what it reads now, and again from the start when the connection breaks.
 */
const buffered = 150_000;
const tagsPerMessage = 20;
const tags = 3000;
const outageMs = 4 * 3_600_000;
const site: SiteConfig = {
  ...testSite,
  observe: { ...testSite.observe, absentAfterMs: 24 * 3_600_000 },
  devices: [
    ...testSite.devices.filter(({ id }) => id === 'shelf'),
    {
      id: 'gun',
      profile: 'zebra-rfd',
      zone: 'receiving',
      buffers: true,
      silentAfterMs: 24 * 3_600_000,
    },
  ],
};

function epcOf(tag: number): string {
  return `3474257BF4${tag.toString(16).toUpperCase().padStart(14, '0')}`;
}

/** One message of the buffer; its events have the numbers and the time that they had. */
function message(index: number): IntakeBody {
  const first = index * tagsPerMessage;
  const atMs = startMs - outageMs + Math.floor((index * outageMs * tagsPerMessage) / buffered);
  const tagData = Array.from({ length: tagsPerMessage }, (_, at) => ({
    EPCid: epcOf((first + at) % tags),
    eventNum: first + at + 1,
    peakRssi: -30,
    seenCount: 2,
  }));
  const body = { type: 'BALANCED_PERFORMANCE', timestamp: new Date(atMs).toISOString() };
  return raw('gun', 'data', JSON.stringify({ ...body, data: { tagData } }));
}

const messages = Array.from({ length: buffered / tagsPerMessage }, (_, index) => message(index));
const everyMs = (tagsPerMessage * 1000) / 500;

/** The shelf sees some of the tags now, in another zone than the gun's. */
function shelfReads(): [number, IntakeBody][] {
  return Array.from({ length: 200 }, (_, at): [number, IntakeBody] => {
    const event = {
      eventType: 'tagInventory',
      timestamp: new Date(startMs + at).toISOString(),
      tagInventoryEvent: { epcHex: epcOf(at % 100), antennaPort: 1, peakRssiCdbm: -5000 },
    };
    return [at, raw('shelf', 'events', JSON.stringify(event))];
  });
}

function play(bodies: readonly (readonly [number, IntakeBody])[]) {
  const observer: Observer = restoreObserver([]);
  const drafts: EventDraft[] = [];
  let quarantined = 0;
  for (const entry of entriesOf([[0, configBody(site)], ...bodies])) {
    const stepped = observer.step(entry);
    drafts.push(...stepped.drafts);
    if (stepped.quarantined !== undefined) quarantined += 1;
  }
  return { drafts, quarantined };
}

function count(drafts: readonly EventDraft[], kind: EventDraft['kind']): number {
  return drafts.filter((draft) => draft.kind === kind).length;
}

describe('a buffer of 150,000 events', () => {
  const flush = messages.map((body, at) => [300 + at * everyMs, body] as const);

  test('is taken whole, and moves no tag back from where it stands now', () => {
    const { drafts, quarantined } = play([...shelfReads(), ...flush]);
    expect(quarantined).toBe(0);
    expect(count(drafts, 'tag.appeared')).toBe(tags);
    const moved = drafts.filter(({ kind }) => kind === 'tag.moved');
    expect(moved).toEqual([]);
    expect(count(drafts, 'device.gap')).toBe(0);
  });

  test('that comes again from the start, with DUP or without, says nothing again', () => {
    const once = play(flush);
    // The connection breaks in the middle of it; the second time the gun does not know what arrived.
    const half = flush.slice(0, flush.length / 2);
    const behindMs = half.at(-1)?.[0] ?? 0;
    const again = flush.map(([afterMs, body]) => [behindMs + afterMs, body] as const);
    const twice = play([...half, ...again]);
    expect(twice.quarantined).toBe(0);
    const said = (drafts: readonly EventDraft[]) =>
      drafts.filter(({ kind }) => kind === 'tag.appeared').map(({ payload }) => payload);
    expect(said(twice.drafts)).toHaveLength(tags);
    expect(said(twice.drafts)).toEqual(said(once.drafts));
  });

  test('that comes again a day later brings back no tag that has gone since', () => {
    const few = flush.slice(0, tags / tagsPerMessage);
    const dayMs = 24 * 3_600_000;
    const goneMs = (few.at(-1)?.[0] ?? 0) + dayMs + 60_000;
    const again = few.map(([afterMs, body]) => [goneMs + 60_000 + afterMs, body] as const);
    const { drafts } = play([...few, [goneMs, { type: 'tick' }], ...again]);
    expect(count(drafts, 'tag.departed')).toBe(tags);
    expect(count(drafts, 'tag.appeared')).toBe(tags);
  });
});
