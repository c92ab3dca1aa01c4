import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EventDraft } from '#contracts/envelope.ts';
import { isPostingKind } from '#contracts/event-kinds.ts';
import { accountKey, checkBalanced, type PostingLine } from '#contracts/posting.ts';
import { arrivalAt } from '../observe/moment.ts';
import { siteModelOf } from '../observe/site-model.ts';
import { epcs, foreignEpc, gtin14, ssccEpc, testSite } from '../observe/testing/test-site.ts';
import type { PassEvidence, PlaceEvidence } from './poster.ts';
import { StockDesk } from './stock-desk.ts';

const model = siteModelOf(testSite, () => undefined);
const [epc] = epcs;
const hourMs = 3_600_000;

function newDesk(): StockDesk {
  return new StockDesk({ tagsIn: () => [], zoneOf: () => undefined });
}

function pass(direction: PassEvidence['direction'], rest: Partial<PassEvidence> = {}) {
  const basic = { epc, reads: 8, device: 'dock', at: arrivalAt(1000), nowMs: 1000 };
  return { ...basic, portal: 'dock-1', direction, seenSinceIn: undefined, ...rest };
}

function place(zone: string, fromZone?: string, rest: Partial<PlaceEvidence> = {}) {
  const basic = { epc, reads: 2, device: 'shelf', at: arrivalAt(2000), nowMs: 2000 };
  return { ...basic, zone, fromZone, ...rest };
}

function linesOf({ kind, payload }: EventDraft): readonly PostingLine[] {
  return isPostingKind(kind) ? (payload as { lines: PostingLine[] }).lines : [];
}

describe('the poster', () => {
  test('receives, moves and ships a serial by its GTIN', () => {
    const { poster } = newDesk();
    const drafts = [
      ...poster.passed(model, pass('in')),
      ...poster.placed(model, place('storage')),
      ...poster.passed(model, pass('out')),
    ];
    const accounts = drafts.map((draft) => [
      draft.kind,
      ...linesOf(draft).map(({ account, quantity }) => `${accountKey(account)} ${quantity}`),
    ]);
    expect(accounts).toEqual([
      ['stock.received', 'supplier -1', 'zone:receiving:receiving:free 1'],
      ['stock.moved', 'zone:receiving:receiving:free -1', 'zone:storage:available:free 1'],
      ['stock.shipped', 'zone:storage:available:free -1', 'customer 1'],
    ]);
    const all = { item: gtin14, owner: 'own', serials: [epc] };
    for (const draft of drafts) for (const line of linesOf(draft)) expect(line).toMatchObject(all);
  });

  test('moves a serial on that was in the next zone before its pass was over', () => {
    const drafts = newDesk().poster.passed(model, pass('in', { seenSinceIn: 'storage' }));
    expect(drafts.map(({ kind }) => kind)).toEqual(['stock.received', 'stock.moved']);
  });

  test('does not post a second claim on a serial, but shows it until it is posted again', () => {
    const desk = newDesk();
    const { poster } = desk;
    poster.passed(model, pass('in'));
    poster.placed(model, place('storage'));
    expect(poster.passed(model, pass('in'))).toMatchObject([
      {
        kind: 'stock.conflict',
        payload: { claimedZone: 'receiving', epc, heldBy: 'zone:storage:available:free' },
      },
    ]);
    expect(desk.openConflicts()).toMatchObject([{ epc, zone: 'receiving' }]);
    poster.placed(model, place('shipping'));
    expect(desk.openConflicts()).toEqual([]);
  });

  test('does not move a serial that has left, but shows it, until it is received again', () => {
    const desk = newDesk();
    const { poster } = desk;
    poster.passed(model, pass('in'));
    poster.passed(model, pass('out'));
    const inside = () => poster.placed(model, place('storage', 'receiving'));
    expect(inside()).toMatchObject([
      { kind: 'stock.conflict', payload: { claimedZone: 'storage', epc, heldBy: 'customer' } },
    ]);
    expect(inside()).toEqual([]);
    expect(poster.passed(model, pass('in')).map(({ kind }) => kind)).toEqual(['stock.received']);
    expect(desk.openConflicts()).toEqual([]);
    expect(inside().map(({ kind }) => kind)).toEqual(['stock.moved']);
  });

  test.each([
    [ssccEpc, 'handling-unit'],
    [foreignEpc, 'unknown-epc'],
    ['000000000000000000000000', 'unknown-epc'],
  ])('asks once about %s: %s', (strange, reason) => {
    const { poster } = newDesk();
    expect(poster.passed(model, pass('in', { epc: strange }))).toMatchObject([
      { kind: 'task.opened', payload: { task: 'identify', epc: strange, reason } },
    ]);
    expect(poster.passed(model, pass('out', { epc: strange, nowMs: hourMs }))).toEqual([]);
    expect(poster.placed(model, place('storage', 'shipping', { epc: strange }))).toEqual([]);
    poster.tick(31 * 24 * hourMs);
    expect(
      poster.passed(model, pass('in', { epc: strange, nowMs: 31 * 24 * hourMs })),
    ).toHaveLength(1);
  });

  test('has somebody look where the direction of a serial is unclear', () => {
    expect(newDesk().poster.passed(model, pass('unclear'))).toMatchObject([
      { payload: { task: 'verify-movement', reason: 'direction-unclear', zone: 'receiving' } },
    ]);
  });

  test('keeps every posting in balance and every serial in one account', () => {
    const evidence = fc.array(
      fc.oneof(
        fc
          .record({ direction: fc.constantFrom('in', 'out', 'unclear' as const), reads: fc.nat(9) })
          .map(({ direction, reads }) => ({ poster }: StockDesk) => {
            return poster.passed(model, pass(direction, { reads: reads + 1 }));
          }),
        fc
          .record({
            zone: fc.constantFrom('receiving', 'storage', 'shipping'),
            fromZone: fc.constantFrom(undefined, 'receiving', 'storage', 'shipping'),
          })
          .map(({ zone, fromZone }) => ({ poster }: StockDesk) => {
            return poster.placed(model, place(zone, fromZone));
          }),
      ),
      { maxLength: 30, size: 'max' },
    );
    fc.assert(
      fc.property(evidence, (list) => {
        const desk = newDesk();
        const balances = new Map<string, number>();
        for (const act of list) {
          for (const draft of act(desk)) {
            const lines = linesOf(draft);
            if (isPostingKind(draft.kind)) expect(checkBalanced(lines).ok).toBe(true);
            for (const { account, quantity } of lines) {
              const key = accountKey(account);
              balances.set(key, (balances.get(key) ?? 0) + quantity);
            }
          }
          const inside = [...balances].filter(([key, sum]) => key.startsWith('zone:') && sum > 0);
          expect(inside.reduce((sum, [, one]) => sum + one, 0)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
