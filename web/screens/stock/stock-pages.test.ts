import { describe, expect, test } from 'vitest';
import type { StockPage, StockQuery, StockRow } from '#contracts/api/stock-api.ts';
import type { Answer } from '../../data/api-problem.ts';
import type { StockData } from '../../data/stock-data.ts';
import { fixtureCompleteness, fixtureRows } from '../../testing/fixture-data.ts';
import { ManualClock, settle } from '../../testing/manual-clock.ts';
import { StockPages } from './stock-pages.ts';

const now = Date.UTC(2026, 10, 22, 13, 2, 31);

function hubOf() {
  const hub = { rows: fixtureRows(now), away: false, asked: [] as StockQuery[] };
  const page = (query: StockQuery): Promise<Answer<StockPage>> => {
    hub.asked.push(query);
    if (hub.away) {
      return Promise.resolve({
        ok: false,
        problem: { code: 'UNREACHABLE', message: '', retryable: true },
      });
    }
    const offset = query.offset ?? 0;
    return Promise.resolve({
      ok: true,
      value: {
        rows: hub.rows.slice(offset, offset + (query.limit ?? 100)),
        total: hub.rows.length,
        totalQuantity: 0,
        completeness: fixtureCompleteness(now),
      },
    });
  };
  return { hub, data: { page } as StockData };
}

async function open(held: () => boolean) {
  const { hub, data } = hubOf();
  const clock = new ManualClock(now);
  const pages = new StockPages(clock, data, { sort: 'site', order: 'asc' }, held);
  await pages.start();
  const first = async () => await pages.source.page(0);
  return { hub, clock, pages, first };
}

const changed = (row: StockRow | undefined): StockRow => {
  if (row === undefined) throw new Error('no row');
  return { ...row, quantity: 77, lastEvent: 'lyon-1/1/9000' };
};

describe('stock pages', () => {
  test('are fetched as the grid asks, and given at once when at hand', async () => {
    const { hub, pages } = await open(() => false);
    expect(pages.source.size).toBe(360);
    expect(Array.isArray(pages.source.page(0))).toBe(true);
    const third = await pages.source.page(3);
    expect(third).toHaveLength(60);
    expect(hub.asked.map(({ offset }) => offset)).toEqual([0, 300]);
  });

  test('take new values in place, also while somebody points at a row', async () => {
    const { hub, clock, pages, first } = await open(() => true);
    hub.rows = hub.rows.map((row, at) => (at === 3 ? changed(row) : row));
    pages.announced();
    pages.announced();
    await clock.pass(1000);
    expect((await first())[3]?.quantity).toBe(77);
    expect(pages.pending).toBe(0);
    expect(hub.asked).toHaveLength(2);
  });

  test('let no row move while somebody points at one, and say how many wait', async () => {
    const { hub, clock, pages, first } = await open(() => true);
    hub.rows = [{ ...changed(hub.rows[0]), item: 'new' }, ...hub.rows];
    pages.announced();
    await clock.pass(1000);
    expect((await first())[0]?.item).not.toBe('new');
    expect(pages.pending).toBeGreaterThan(0);
    pages.applyPending();
    expect((await first())[0]?.item).toBe('new');
    expect(pages.pending).toBe(0);
    expect(pages.source.size).toBe(361);
  });

  test('let rows move by themselves while nobody is at the grid', async () => {
    const { hub, clock, pages, first } = await open(() => false);
    hub.rows = hub.rows.slice(1);
    pages.announced();
    await clock.pass(1000);
    expect((await first())[0]?.item).toBe(hub.rows[0]?.item);
    expect(pages.totals?.total).toBe(359);
  });

  test('keep what they have when the hub does not answer', async () => {
    const { hub, clock, pages, first } = await open(() => false);
    hub.away = true;
    pages.announced();
    await clock.pass(1000);
    expect(pages.problem?.code).toBe('UNREACHABLE');
    expect(await first()).toHaveLength(100);
  });

  test('that were left tell nobody any more', async () => {
    const { hub, clock, pages } = await open(() => false);
    let told = 0;
    pages.changed.add(() => (told += 1));
    pages.announced();
    pages.stop();
    await clock.pass(1000);
    await settle();
    expect(told).toBe(0);
    expect(hub.asked).toHaveLength(1);
  });
});
