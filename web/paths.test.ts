import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  defaultStockView,
  eventUrl,
  movementsUrl,
  outagesUrl,
  outagesPath,
  parseStockKey,
  readFleetView,
  readOutagesView,
  readStockView,
  screenAt,
  stockKeyText,
  stockPath,
  fleetPath,
  type StockKey,
} from './paths.ts';

const paramsOf = (path: string) => new URL(path, 'http://hub').searchParams;

describe('paths', () => {
  test('leave out what is the default', () => {
    expect(stockPath(defaultStockView)).toBe('/stock');
    expect(outagesPath({})).toBe('/outages');
    expect(outagesPath({ window: '8h' })).toBe('/outages?window=8h');
    expect(fleetPath({ sort: 'device', order: 'asc' })).toBe('/fleet');
  });

  test('carry the whole view there and back', () => {
    const stock = { ...defaultStockView, site: 'lyon', item: 'a&b', sort: 'quantity' as const };
    expect(readStockView(paramsOf(stockPath(stock)))).toEqual(stock);
    const outages = { window: '7d', type: 'uplink', incident: 'lyon-1/uplink/1' } as const;
    expect(readOutagesView(paramsOf(outagesPath(outages)))).toEqual(outages);
    const fleet = { gateway: 'lyon-1', only: 'trouble', sort: 'state', order: 'desc' } as const;
    expect(readFleetView(paramsOf(fleetPath(fleet)))).toEqual(fleet);
    const compared = { compare: { from: 2, to: 3 }, sort: 'device', order: 'asc' } as const;
    expect(fleetPath(compared)).toBe('/fleet?compare=2-3');
    expect(readFleetView(paramsOf(fleetPath(compared)))).toEqual(compared);
  });

  test('that somebody mistyped fall back to the default', () => {
    expect(readFleetView(paramsOf('/fleet?compare=0-3'))).not.toHaveProperty('compare');
    expect(readStockView(paramsOf('/stock?sort=nothing&order=x'))).toEqual(defaultStockView);
    expect(readOutagesView(paramsOf('/outages?window=toString&type=x'))).toEqual({});
  });

  test('name a screen or none', () => {
    expect(['/', '/stock', '/fleet', '/nowhere'].map(screenAt)).toEqual([
      'stock',
      'stock',
      'fleet',
      undefined,
    ]);
  });

  test('of the API encode what stands in them', () => {
    expect(eventUrl('lyon-1/2/884')).toBe('/api/events/lyon-1/2/884');
    expect(movementsUrl({ ...key, item: 'a/b&c' }, { limit: 9 })).toContain('item=a%2Fb%26c');
    expect(movementsUrl(key, { limit: 9 })).not.toMatch(/lot=|cursor=/);
    const cursor = 'ended_7_gw-1/1/7';
    expect(outagesUrl({ fromMs: 5, type: undefined, limit: 200, cursor })).toBe(
      '/api/outages?fromMs=5&limit=200&cursor=ended_7_gw-1%2F1%2F7',
    );
  });
});

const key: StockKey = {
  site: 'lyon',
  zone: 'a-07',
  status: 'available',
  owner: 'own',
  item: '22423',
  lot: null,
  handlingUnit: null,
};

describe('a stock row key', () => {
  test('survives any item, lot and unit', () => {
    const text = fc.string({ minLength: 1, unit: 'grapheme' });
    const maybe = fc.option(text);
    fc.assert(
      fc.property(text, maybe, maybe, (item, lot, handlingUnit) => {
        const whole = { ...key, item, lot, handlingUnit };
        const url = new URL(
          stockPath({ ...defaultStockView, row: stockKeyText(whole) }),
          'http://h',
        );
        expect(parseStockKey(url.searchParams.get('row') ?? '')).toEqual(whole);
      }),
    );
  });

  test('that is cut or mistyped names no row', () => {
    expect(parseStockKey('lyon~a-07')).toBeUndefined();
    expect(parseStockKey('a~b~c~d~%E0%A4~~')).toBeUndefined();
  });
});
