import { describe, expect, test } from 'vitest';
import { Departures } from './departures.ts';
import { readAtPortal, type PassState, type PortalSide } from './portal-pass.ts';

const policy = { minReads: 2, passWindowMs: 3000 };

/** What a portal heard: side, strength and time of each read. */
function heard(...reads: [side: PortalSide, rssiCdbm: number, atMs: number][]): PassState {
  let state: PassState | undefined;
  for (const [side, rssiCdbm, atMs] of reads) {
    const of = { side, rssiCdbm, device: 'door', reads: 3, known: undefined, keyed: true };
    const read = { ...of, moment: [atMs, 'device', null] as const, receivedAtMs: atMs };
    ({ state } = readAtPortal(state, read, policy));
  }
  if (state === undefined) throw new Error('nothing was heard');
  return state;
}

const first = heard(['inside', -4000, 1000], ['outside', -6400, 1200]);
const quietSinceMs = (_: string, { last }: PassState) => last[0];

function afterwards(portal: string, pass: PassState): string[] {
  const departures = new Departures();
  departures.mayHaveLeft('a', { portal: 'door', pass: first });
  departures.heardAgain('a', { portal, pass });
  expect(departures.take(9000, quietSinceMs)).toEqual([]);
  return departures.take(9200, quietSinceMs).map(([epc]) => epc);
}

describe('what was heard outside last', () => {
  const inside = heard(['inside', -4000, 4500], ['outside', -6400, 4600]);

  test('may have left, unless its door hears it again, well inside', () => {
    expect(afterwards('door', inside)).toEqual([]);
    expect(afterwards('door', first)).toEqual(['a']);
    expect(afterwards('other', inside)).toEqual(['a']);
  });

  test('may have left, though its door heard it again, outside in the end', () => {
    const outside = heard(['inside', -5000, 4500], ['outside', -4800, 5500]);
    expect(afterwards('door', outside)).toEqual(['a']);
    expect(afterwards('door', heard(['outside', -5000, 4500]))).toEqual(['a']);
  });
});
