import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCanonical } from '#contracts/canonical.ts';
import { eventHeader, type EventDraft } from '#contracts/envelope.ts';
import { validate } from '#contracts/validate.ts';
import { decodeBlock } from './block-codec.ts';
import { BlockSealer, type DraftItem } from './seal.ts';

const epoch = {
  gateway: 'gw-1',
  id: 'ab'.repeat(16),
  ordinal: 3,
  parent: null,
  site: 'hamburg',
  startedAt: 5,
  tenant: 'main',
};
const head = { seq: 41, hash: 'cd'.repeat(32) };

const draft: fc.Arbitrary<EventDraft> = fc.record(
  {
    kind: fc.constant('tag.departed' as const),
    payload: fc.record({
      epc: fc.stringMatching(/^[0-9A-F]{0,24}$/),
      lastSeenAt: fc.integer(),
      zone: fc.constant('dock'),
    }),
    device: fc.stringMatching(/^[a-z0-9]{1,20}$/),
    owner: fc.stringMatching(/^[a-z0-9]{1,20}$/),
    handlingUnit: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    occurredAt: fc.integer(),
    timeQuality: fc.constantFrom('device' as const, 'arrival' as const, 'implausible' as const),
    claimedAt: fc.integer(),
  },
  { requiredKeys: ['kind', 'payload', 'occurredAt', 'timeQuality'] },
);

function seal(items: readonly DraftItem[]) {
  const { bytes, ...last } = new BlockSealer(epoch).seal(head, items);
  return { events: decodeBlock(bytes.toString('utf8')), ...last };
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

describe('sealing', () => {
  test('writes headers that are canonical and say what the draft said', () => {
    fc.assert(
      fc.property(draft, fc.nat(), fc.nat(20), fc.nat(), (one, pos, index, receivedAtMs) => {
        const [event] = seal([{ pos, index, receivedAtMs, draft: one }]).events;
        const header = decodeCanonical(event?.header ?? '') as Record<string, unknown>;
        const { kind, payload: _payload, ...rest } = one;
        expect(header).toEqual({
          cause: [pos, index],
          epoch: 3,
          gateway: 'gw-1',
          kind,
          owner: 'own',
          receivedAt: receivedAtMs,
          seq: 42,
          site: 'hamburg',
          v: 1,
          ...rest,
        });
        expect(validate(eventHeader, header).ok).toBe(true);
        expect(decodeCanonical(event?.payload ?? '')).toEqual(one.payload);
      }),
    );
  });

  test('chains each event to the one before by the exact text', () => {
    const item = (pos: number): DraftItem => ({
      pos,
      index: 0,
      receivedAtMs: 7,
      draft: {
        kind: 'tag.departed',
        payload: { epc: '30', lastSeenAt: 1, zone: 'dock' },
        occurredAt: 7,
        timeQuality: 'arrival',
      },
    });
    const { events, hash, lastSeq } = seal([item(1), item(2), item(3)]);
    let previous = head.hash;
    for (const { header, payload } of events) {
      previous = sha256(`${previous}\n${header}\n${sha256(payload)}`);
    }
    expect({ hash, lastSeq }).toEqual({ hash: previous, lastSeq: 44 });
    expect(events.map(({ header }) => (JSON.parse(header) as { seq: number }).seq)).toEqual([
      42, 43, 44,
    ]);
  });

  test('refuses what has no canonical form, naming it', () => {
    const bad = (changes: object): DraftItem => ({
      pos: 1,
      index: 0,
      receivedAtMs: 7,
      draft: {
        kind: 'tag.departed',
        payload: { epc: '30', lastSeenAt: 1, zone: 'dock' },
        occurredAt: 7,
        timeQuality: 'arrival',
        ...changes,
      },
    });
    expect(() => seal([bad({ occurredAt: 1.5 })])).toThrow(/occurredAt/);
    expect(() => seal([bad({ claimedAt: Number.NaN })])).toThrow(/claimedAt/);
    expect(() => seal([bad({ payload: { epc: 0.1 } })])).toThrow(/epc/);
  });
});
