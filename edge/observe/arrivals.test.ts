import { describe, expect, test } from 'vitest';
import { encodeCanonical } from '#contracts/canonical.ts';
import type { EventDraft } from '#contracts/envelope.ts';
import type { SiteConfig } from '../config/gateway-config.ts';
import type { IntakeBody, IntakeEntry } from '../intake/intake-entry.ts';
import { restoreObserver, type Observer, type StateRow } from './observer.ts';
import { dockSite } from './testing/dock/dock-site.ts';
import { bootBody, configBody, epcs, raw, startMs } from './testing/test-site.ts';

const [epc] = epcs;

/** A read by a reader of the dock site. Doors: antenna 1 outside, 2 inside. */
type Read = readonly [atS: number, device: string, antenna: number, peakDbm?: number];

let pos = 0;
function entry(atS: number, body: IntakeBody): IntakeEntry {
  pos += 1;
  return { pos, receivedAtMs: startMs + Math.round(atS * 1000), body };
}

function read([atS, device, antenna, peakRssi = -50]: Read, index: number): IntakeEntry {
  const timestamp = new Date(startMs + atS * 1000).toISOString().replace('Z', '+0000');
  const data = { idHex: epc.toLowerCase(), antenna, reads: 3, eventNum: index + 1, peakRssi };
  const text = JSON.stringify({ type: 'CUSTOM', timestamp, data });
  return entry(atS, raw(device, 'data', text));
}

/** What the observer says of reads, with a tick at every second up to `untilS`. */
function play(
  reads: readonly Read[],
  untilS: number,
  observer: Observer = restoreObserver([]),
  site: SiteConfig = dockSite,
): EventDraft[] {
  const drafts: EventDraft[] = [];
  const take = (one: IntakeEntry) => drafts.push(...observer.step(one).drafts);
  take(entry(0, bootBody));
  take(entry(0, configBody(site)));
  let next = 0;
  for (let second = 1; second <= untilS; second += 1) {
    for (; (reads[next]?.[0] ?? Infinity) < second; next += 1) {
      const one = reads[next];
      if (one !== undefined) take(read(one, next));
    }
    take(entry(second, { type: 'tick' }));
  }
  return drafts;
}

const told = ['portal.passed', 'stock.received', 'stock.shipped', 'task.opened'];
function of(drafts: readonly EventDraft[]): string[] {
  return drafts.map(({ kind }) => kind).filter((kind) => told.includes(kind));
}

/** A round or two of a pass, as a neighbour hears it too. */
const thin: Read[] = [
  [1.1, 'door-1', 1],
  [1.4, 'door-1', 1],
  [1.8, 'door-1', 2],
  [2.2, 'door-1', 2],
];
const seen = (zone: string, fromS: number): Read[] =>
  [0, 1, 2, 3, 4].map((s) => [fromS + s, `above-${zone}`, 1] as const);

describe('a stranger in a round or two at one of several doors', () => {
  test('came in once the zone behind the door has it for three seconds', () => {
    expect(of(play([...thin, ...seen('shipping', 3.2)], 6))).toEqual([]);
    expect(of(play([...thin, ...seen('shipping', 3.2)], 9))).toEqual([
      'portal.passed',
      'stock.received',
    ]);
  });

  test('did not come in there when another door leads to where it is: somebody must look', () => {
    expect(of(play([...thin, ...seen('receiving', 3.2)], 30))).toEqual(['task.opened']);
  });

  test('came in by the other door where that heard it too', () => {
    const both: Read[] = [[0.9, 'door-0', 1, -60], ...thin, ...seen('receiving', 3.2)];
    const drafts = play(both, 30);
    const [first] = drafts.filter(({ kind }) => kind === 'task.opened' || kind === 'portal.passed');
    expect(first?.payload).not.toMatchObject({ portal: 'door-1' });
    const received = drafts.filter(({ kind }) => kind === 'stock.received');
    expect(JSON.stringify(received)).not.toContain('shipping');
  });

  test('came in when nobody hears it for eight seconds', () => {
    expect(of(play(thin, 12))).toEqual([]);
    expect(of(play(thin, 14))).toEqual(['portal.passed', 'stock.received']);
  });

  test('came in at once where no other reader hears the zone', () => {
    const devices = dockSite.devices.filter(({ id }) => id !== 'above-shipping');
    const drafts = play(thin, 6, restoreObserver([]), { ...dockSite, devices });
    expect(of(drafts)).toEqual(['portal.passed', 'stock.received']);
  });

  test('is remembered over a restart', () => {
    const observer = restoreObserver([]);
    play(thin, 6, observer);
    const restored = restoreObserver(observer.takeDirty());
    const drafts = [7, 8, 9, 10, 11, 12, 13, 14].flatMap((second) => [
      ...restored.step(entry(second, { type: 'tick' })).drafts,
    ]);
    expect(of(drafts)).toEqual(['portal.passed', 'stock.received']);
  });
});

test('the last read of a pass out, arriving when that was told, is no second way out', () => {
  const out: Read[] = [
    ...seen('shipping', 0.2),
    [6.2, 'door-1', 2],
    [7.1, 'door-1', 2],
    [8.7, 'door-1', 1],
    [9.2, 'above-shipping', 1],
    [11.2, 'door-1', 1],
  ];
  const passed = play(out, 40).filter(({ kind }) => kind === 'portal.passed');
  expect(passed).toHaveLength(1);
});

describe('a pass under way in rows of version 0.1', () => {
  const side = (device: string, atMs: number) =>
    [device, atMs + 50, 3, atMs, atMs - 100, atMs, atMs, atMs + 100] as const;
  const old = {
    reads: 6,
    outside: side('door-0', startMs + 1000),
    inside: side('door-0', startMs + 4000),
    last: [startMs + 4100, 'device'],
  };
  const rows: StateRow[] = [
    { machine: 'config', key: '', value: configRow() },
    { machine: 'pass', key: `door-0/${epc}`, value: JSON.stringify(old) },
  ];

  function configRow(): string {
    const body = configBody(dockSite);
    return encodeCanonical(body.type === 'config' ? body.config : '');
  }

  test('ends with its event, and its old row goes', () => {
    const observer = restoreObserver(rows);
    const { drafts } = observer.step(entry(12, { type: 'tick' }));
    expect(drafts[0]).toMatchObject({
      kind: 'portal.passed',
      payload: { direction: 'in', epc, portal: 'door-0', reads: 6 },
    });
    const dirty = observer.takeDirty();
    expect(dirty).toContainEqual({ machine: 'pass', key: `door-0/${epc}`, value: null });
    expect(dirty).toContainEqual({ machine: 'portal-pass', key: `door-0/${epc}`, value: null });
  });

  test('is kept as a row of today until it ends', () => {
    const observer = restoreObserver(rows);
    observer.step(entry(4, { type: 'tick' }));
    const stored = new Map([...rows, ...observer.takeDirty()].map((r) => [r.machine + r.key, r]));
    const { drafts } = restoreObserver(stored.values()).step(entry(12, { type: 'tick' }));
    expect(of(drafts)).toEqual(['portal.passed', 'stock.received']);
  });

  test('goes on with the half that was kept for a reader that was away', () => {
    const half = { ...old, inside: null, reads: 3, last: [startMs + 1100, 'device'] };
    const value = JSON.stringify([half, startMs + 2000]);
    const [config] = rows;
    const halfRow = { machine: 'half-pass', key: `door-0/${epc}`, value };
    const observer = restoreObserver(config === undefined ? [] : [config, halfRow]);
    observer.step(read([3.5, 'door-0', 2], 7));
    const { drafts } = observer.step(entry(12, { type: 'tick' }));
    expect(drafts).toMatchObject([{ kind: 'portal.passed', payload: { reads: 6 } }, {}]);
  });
});
