import { describe, expect, test } from 'vitest';
import type { Moment } from './moment.ts';
import { betterBy, hearingOf, judgePass, passDueMs, readAtPortal } from './portal-pass.ts';
import type { PassState, PortalRead, PortalSide } from './portal-pass.ts';

const policy = { minReads: 2, passWindowMs: 2000 };
const t0 = 1_000_000;

function read(side: PortalSide, afterMs: number, rest: Partial<PortalRead> = {}): PortalRead {
  const moment: Moment = [t0 + afterMs, 'device', null];
  const basic = {
    device: 'dock',
    receivedAtMs: t0 + afterMs,
    reads: 1,
    rssiCdbm: undefined,
    known: undefined,
    keyed: false,
  };
  return { side, moment, ...basic, ...rest };
}

/** `o` and `i` are reads outside and inside, 100 ms apart; a dot is 100 ms without. */
function pattern(text: string): PortalRead[] {
  return Array.from(text, (letter, index) => ({ letter, afterMs: index * 100 })).flatMap(
    ({ letter, afterMs }) => {
      if (letter === '.') return [];
      return [read(letter === 'o' ? 'outside' : 'inside', afterMs)];
    },
  );
}

function through(reads: readonly PortalRead[]): PassState {
  const state = reads.reduce<PassState | undefined>(
    (before, one) => readAtPortal(before, one, policy).state,
    undefined,
  );
  if (state === undefined) throw new Error('a pass needs a read');
  return state;
}

function directionOf(text: string): string {
  return judgePass(through(pattern(text)), policy).direction;
}

describe('the direction of a pass', () => {
  test.each([
    ['oooooiiiii', 'in'],
    ['iiiiiooooo', 'out'],
    ['ooooioioioiiii', 'in'],
    ['iiiiooioioooo', 'out'],
  ])('follows the order of sides: %s is %s', (text, direction) => {
    expect(directionOf(text)).toBe(direction);
  });

  test.each([
    ['ioooooiiiiii', 'in'],
    ['oooooiiiiiio', 'in'],
    ['oiiiiiioooooi', 'out'],
  ])('is not turned by one stray read at an end: %s is %s', (text, direction) => {
    expect(directionOf(text)).toBe(direction);
  });

  test('is none for a tag that is seen on one side only', () => {
    expect(directionOf('oooooo')).toBe('none');
    expect(directionOf('i')).toBe('none');
  });

  test('is none where the other side is a cross-read', () => {
    expect(directionOf('ooooooooooooooi')).toBe('none');
  });

  test.each([
    ['iooooo', 'none'],
    ['oiiiii', 'none'],
    ['ioo', 'out'],
    ['oiii', 'in'],
  ])('takes a single read for a stray unless the other side has few too: %s is %s', (text, is) => {
    expect(directionOf(text)).toBe(is);
  });

  test('is none for a tag that comes to the opening and turns back', () => {
    expect(directionOf('ooooiiiiooooo')).toBe('none');
    expect(directionOf('iiiooooiiii')).toBe('none');
  });

  test('is unclear where both sides saw it all at once', () => {
    const state = through([read('outside', 0, { reads: 5 }), read('inside', 0, { reads: 5 })]);
    expect(judgePass(state, policy).direction).toBe('unclear');
  });

  test('is seen behind a long stay on one side', () => {
    expect(directionOf(`${'i'.repeat(300)}oooo`)).toBe('out');
    expect(directionOf(`oooo${'i'.repeat(300)}`)).toBe('in');
  });
});

describe('a pass', () => {
  test('tells when it was first and last seen, and by how many reads', () => {
    const pass = judgePass(through(pattern('oo.ii')), policy);
    expect(pass).toMatchObject({ reads: 4, firstSeenAtMs: t0, lastSeenAtMs: t0 + 400 });
  });

  test('does not change when a read is delivered again', () => {
    const state = through(pattern('ooii'));
    expect(readAtPortal(state, read('inside', 300), policy).state).toBe(state);
    expect(readAtPortal(state, read('outside', 0), policy).state).toBe(state);
  });

  test('takes a late read of a reader that numbers its reads', () => {
    const state = through(pattern('o.ii'));
    const late = readAtPortal(state, read('outside', -50, { keyed: true }), policy).state;
    expect(judgePass(late, policy)).toMatchObject({ reads: 4, firstSeenAtMs: t0 - 50 });
  });

  test('ends by the next one when a buffer delivers both within a second', () => {
    const inwards = through(pattern('ooii').map((one) => ({ ...one, receivedAtMs: t0 + 60_000 })));
    const next = readAtPortal(inwards, read('inside', 50_000), policy);
    expect(next.isOver).toBe(true);
    expect(judgePass(inwards, policy)).toMatchObject({ direction: 'in', lastSeenAtMs: t0 + 300 });
    expect(next.state.reads).toBe(1);
  });

  test('is over when one of both sides has been quiet for the window', () => {
    const here = () => 0;
    expect(passDueMs(through(pattern('oooo')), policy, here)).toBe(t0 + 300 + 2000);
    expect(passDueMs(through(pattern('ooiiiiii')), policy, here)).toBe(t0 + 100 + 2000);
  });

  test('is not over because a single stray read was followed by none', () => {
    const atTheDoor = pattern('iooooooooooooooooooooo');
    expect(passDueMs(through(atTheDoor), policy, () => 0)).toBe(t0 + 2100 + 2000);
    const thenIn = [...atTheDoor, read('inside', 2200), read('inside', 2300), read('inside', 2400)];
    expect(judgePass(through(thenIn), policy).direction).toBe('in');
  });

  test('waits for a reader that is away, whichever side it saw', () => {
    const state = through([read('outside', 0), read('inside', 100, { device: 'other' })]);
    const awayIs = (gone: string) => (device: string) => (device === gone ? Infinity : 0);
    expect(passDueMs(state, policy, awayIs('dock'))).toBe(Infinity);
    expect(passDueMs(state, policy, awayIs('other'))).toBe(Infinity);
    expect(passDueMs(state, policy, () => t0 + 9000)).toBe(t0 + 9000 + 2000);
  });
});

describe('strength', () => {
  test('keeps what an antenna hears behind its back from deciding', () => {
    const faint = (afterMs: number) => read('inside', afterMs, { rssiCdbm: -6800 });
    const strong = (afterMs: number) => read('outside', afterMs, { rssiCdbm: -4800 });
    const waiting = [0, 300, 600, 900, 1200, 1500].flatMap((at) => [faint(at), strong(at + 100)]);
    const leaving = [1800, 2000, 2200].map(faint);
    expect(judgePass(through([...waiting, ...leaving]), policy).direction).toBe('none');
  });

  test('says which of two portals a tag was at that both heard', () => {
    const near = through([read('outside', 0, { rssiCdbm: -4800, reads: 6 })]);
    const far = through([read('outside', 200, { rssiCdbm: -6000, reads: 2 })]);
    const later = through([read('outside', 60_000, { rssiCdbm: -6000, reads: 2 })]);
    const own = hearingOf('door-2', far);
    expect(betterBy(hearingOf('door-1', near), own)).toBe(1400);
    expect(betterBy(own, hearingOf('door-1', near))).toBe(-1400);
    expect(betterBy(hearingOf('door-1', near), hearingOf('door-2', later))).toBeUndefined();
  });
});

describe('presence beside a portal', () => {
  const around = { zone: 'a', seenSinceIn: undefined, isSeenSince: false, isStranger: false };
  const known = ['a', t0 - 2000, -5000] as const;

  test('makes half a pass of a stranger whole that is believed inside since', () => {
    const half = through(pattern('oooo'));
    const since = { ...around, seenSinceIn: 'a', isSeenSince: true };
    expect(judgePass(half, policy, around).direction).toBe('none');
    expect(judgePass(half, policy, { ...since, isStranger: true }).direction).toBe('in');
    expect(judgePass(half, policy, since).direction).toBe('none');
    expect(judgePass(half, policy, { ...since, zone: 'b', isStranger: true }).direction).toBe(
      'none',
    );
  });

  test('refutes that something came in that was read inside just before', () => {
    const [first, ...rest] = pattern('oooiii');
    if (first === undefined) throw new Error('a pass needs a read');
    const inside = through([{ ...first, known }, ...rest]);
    expect(judgePass(inside, policy, around).direction).toBe('none');
  });

  test('refutes that something went out that is read inside since', () => {
    const out = through(pattern('iiiooo'));
    expect(judgePass(out, policy, around).direction).toBe('out');
    expect(judgePass(out, policy, { ...around, isSeenSince: true }).direction).toBe('none');
  });

  test('leaves open whether something went out that was heard outside last', () => {
    const [first, ...rest] = pattern('oooo');
    if (first === undefined) throw new Error('a pass needs a read');
    const half = through([{ ...first, known }, ...rest]);
    expect(judgePass(half, policy, around)).toMatchObject({ mayHaveLeft: true });
    const seen = { ...around, isSeenSince: true };
    expect(judgePass(half, policy, seen)).toMatchObject({ mayHaveLeft: false });
    expect(judgePass(through(pattern('oooo')), policy, around).mayHaveLeft).toBe(false);
  });
});
