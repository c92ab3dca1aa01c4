import { describe, expect, test } from 'vitest';
import type { FloorAct } from '#contracts/acts.ts';
import type { RememberedAct } from '#contracts/remembered.ts';
import { SiteBook } from '#contracts/site-book.ts';
import { startMs } from '../observe/testing/test-site.ts';
import { bulkItem, fullLease, kindsOf, StockRig, stockSite } from './testing/stock-rig.ts';

const dayMs = 24 * 3_600_000;
const what = { goods: { item: bulkItem, quantity: 1 } };
const receive = { type: 'receive', zone: 'storage', what } as const;
const bob = { ...fullLease, id: 'lease-bob', person: 'p-2' };

/** A gateway goes on for so long, in steps that let it forget. */
function pass(rig: StockRig, days: number): void {
  for (let day = 0; day < days; day += 1) rig.take({ type: 'tick' }, dayMs);
}

describe('acts of longer ago than each is remembered', () => {
  test('are reviewed together when an end of rights is heard of that late', () => {
    const rig = new StockRig();
    rig.act(receive);
    pass(rig, 2);
    const revokedAtMs = rig.nowMs;
    const acts = [rig.act(receive), rig.act(receive)];
    pass(rig, 2);
    acts.push(rig.act(receive));
    rig.act(receive, bob);
    pass(rig, 40);
    rig.restart();
    const told = rig.take({ type: 'revocation', person: 'p-1', revokedAtMs });
    expect(told).toMatchObject([
      { kind: 'person.revoked', payload: { person: 'p-1' } },
      {
        kind: 'task.opened',
        payload: {
          task: 'review-act',
          act: acts.at(-1)?.act.id,
          reason: '2026-11-24/2026-11-26: up to 3 acts after revocation, by p-1',
        },
      },
    ]);
    expect(rig.take({ type: 'revocation', person: 'p-1', revokedAtMs })).toEqual([]);
    const [task] = rig.stock.tasks();
    const settle = { type: 'resolve', outcome: 'done', task: task?.id ?? '' } as const;
    const own = { ...fullLease, id: 'lease-2', validFromMs: rig.nowMs };
    expect(rig.act(settle, own).outcome).toMatchObject({ code: 'task-not-yours' });
    expect(rig.act(settle, bob).outcome).toEqual({ type: 'applied' });
  });

  test('stay out of a time that ended before them, and of one that was reviewed', () => {
    const rig = new StockRig();
    const revokedAtMs = rig.nowMs;
    const over = { type: 'revocation', person: 'p-1', revokedAtMs } as const;
    pass(rig, 3);
    const { act } = rig.act(receive);
    const untilMs = rig.nowMs + 1;
    expect(rig.take({ ...over, untilMs })).toMatchObject([
      { kind: 'person.revoked' },
      { kind: 'act.flagged', payload: { act: act.id } },
      { kind: 'task.opened' },
    ]);
    pass(rig, 3);
    const later = { ...fullLease, id: 'lease-2', validFromMs: rig.nowMs };
    rig.act(receive, later);
    pass(rig, 40);
    const before = { ...over, revokedAtMs: revokedAtMs - dayMs, untilMs: untilMs + dayMs };
    expect(kindsOf(rig.take(before))).toEqual(['person.revoked']);
  });

  test('that lay on a device for so long are reviewed one by one', () => {
    const rig = new StockRig();
    const revokedAtMs = rig.nowMs;
    const untilMs = revokedAtMs + 5 * dayMs;
    rig.take({ type: 'revocation', person: 'p-1', revokedAtMs, untilMs });
    pass(rig, 60);
    // Another such time, heard of now, does not put the first one out of mind.
    const lately = { revokedAtMs: rig.nowMs - 1000, untilMs: rig.nowMs };
    rig.take({ type: 'revocation', person: 'p-1', ...lately });
    const lease = { ...fullLease, id: 'lease-2', validFromMs: rig.nowMs };
    const atMs = revokedAtMs + dayMs;
    const late = rig.act({ ...receive, atMs }, lease);
    expect(late.drafts).toMatchObject([
      { kind: 'stock.received', timeQuality: 'implausible', claimedAt: atMs },
      { kind: 'act.flagged', payload: { act: late.act.id, actedAt: atMs, revokedAt: revokedAtMs } },
      { kind: 'task.opened', payload: { task: 'review-act' } },
    ]);
    const fine = rig.act({ ...receive, atMs: untilMs + dayMs }, lease);
    expect(kindsOf(fine.drafts)).toEqual(['stock.received']);
  });
});

describe('an id that a box before this one knew', () => {
  const atMs = startMs - 60_000;
  const known: RememberedAct = {
    act: 'act-of-before',
    actedAt: atMs,
    outcome: 'applied',
    person: 'p-1',
    receivedAt: atMs + 500,
    type: 'receive',
  };
  const first: FloorAct = { ...receive, id: known.act, person: 'p-1', atMs };

  function restored(...acts: RememberedAct[]): StockRig {
    const rig = new StockRig(stockSite);
    const rows = { ...new SiteBook().rows(), acts };
    rig.take({ type: 'book-restored', part: 1, parts: 1, rows });
    return rig;
  }

  test('is answered as it was when the same act comes again', () => {
    expect(restored(known).send(first, fullLease).outcome).toMatchObject({
      type: 'repeated',
      of: 'applied',
      isOther: false,
    });
    // Nothing said when it was, then or now.
    const { atMs: _, ...timeless } = first;
    const rig = restored({ ...known, actedAt: known.receivedAt });
    expect(rig.send(timeless, fullLease).outcome).toMatchObject({ isOther: false });
    // Its events tell less than it asked: a pack that moved goods.
    const pack = { ...first, type: 'move', toZone: 'receiving' } as const;
    expect(restored(known).send(pack, fullLease).outcome).toMatchObject({ isOther: false });
  });

  test.each<[string, FloorAct]>([
    ['person', { ...first, person: 'p-2' }],
    ['time', { ...first, atMs: atMs + 1 }],
    [
      'kind, where that is sure',
      { id: known.act, person: 'p-1', atMs, type: 'count', zone: 'storage', found: [] },
    ],
  ])('is refused for an act of another %s', (_, act) => {
    const outcome = restored(known).send(act, { ...fullLease, person: act.person }).outcome;
    expect(outcome).toMatchObject({ type: 'repeated', isOther: true });
  });

  test('stands for a refusal with its kind', () => {
    const rig = restored({ ...known, outcome: 'beyond-balance' });
    expect(rig.send(first, fullLease).outcome).toMatchObject({
      of: 'beyond-balance',
      isOther: false,
    });
    const move = { ...first, type: 'move', toZone: 'receiving' } as const;
    expect(rig.send(move, fullLease).outcome).toMatchObject({ isOther: true });
  });
});
