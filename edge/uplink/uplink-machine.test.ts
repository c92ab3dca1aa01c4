import { beforeEach, describe, expect, test } from 'vitest';
import type { Receipt } from '#contracts/uplink.ts';
import { step } from './uplink-machine.ts';
import {
  defaultUplinkSettings as settings,
  initialUplinkState,
  uplinkStatus,
  type UplinkEffect,
  type UplinkInput,
  type UplinkState,
} from './uplink-state.ts';

const wallOffsetMs = 1_700_000_000_000;

/** One machine by hand: every input is a call, every effect is in `done`. */
class Lane {
  state: UplinkState;
  nowMs = 0;
  done: UplinkEffect[] = [];
  #number = 0;

  constructor(headSeq: number) {
    this.state = initialUplinkState(1, headSeq, this.#moment(), settings);
  }

  feed(input: UplinkInput): this {
    const { state, effects } = step(this.state, input, this.#moment());
    this.state = state;
    for (const effect of effects) {
      this.done.push(effect);
      if (effect.type === 'send') {
        const lastSeq = Math.min(effect.afterSeq + effect.maxEvents, this.state.headSeq);
        this.feed({ type: 'batch-sent', firstSeq: effect.afterSeq + 1, lastSeq });
        this.feed({ type: 'ready' });
      }
    }
    return this;
  }

  /** Lets time pass in small steps, as a driver's timer would. */
  pass(ms: number): this {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs;) {
      this.nowMs += Math.min(10, endMs - this.nowMs);
      this.feed({ type: 'wake' });
    }
    return this;
  }

  hear(change: Partial<Receipt> = {}, reply = false, ownHash?: string | null): this {
    this.#number += 1;
    const committed = change.committed ?? this.state.committedSeq;
    const receipt: Receipt = {
      atMs: 0,
      committed,
      credit: 4_000,
      epoch: 1,
      gateway: 'g',
      headHash: `h${committed}`,
      number: this.#number,
      secured: 0,
      site: 's',
      state: 'open',
      tenant: 't',
      ...change,
    };
    this.#number = receipt.number;
    const own = ownHash === null ? undefined : (ownHash ?? `h${committed}`);
    return this.feed({ type: 'receipt', receipt, ownHash: own, reply });
  }

  answer(change: Partial<Receipt> = {}, ownHash?: string | null): this {
    return this.hear(change, true, ownHash);
  }

  connect(): this {
    return this.feed({ type: 'wake' }).feed({ type: 'connected' });
  }

  ack(lastSeq: number, duplicate = false): this {
    return this.feed({ type: 'pub-acked', flight: this.state.flight, lastSeq, duplicate });
  }

  fail(lastSeq: number, reason = 'full'): this {
    return this.feed({ type: 'pub-failed', flight: this.state.flight, lastSeq, reason });
  }

  /** What was asked for since the last call. */
  take<T extends UplinkEffect['type']>(type: T): Extract<UplinkEffect, { type: T }>[] {
    const taken = this.done.filter(
      (effect): effect is Extract<UplinkEffect, { type: T }> => effect.type === type,
    );
    this.done = this.done.filter((effect) => effect.type !== type);
    return taken;
  }

  /** `after+max` of the batches sent since the last call. */
  takeSends(): string[] {
    return this.take('send').map(({ afterSeq, maxEvents }) => `${afterSeq}+${maxEvents}`);
  }

  #moment(): { monotonicMs: number; wallMs: number; random: number } {
    return { monotonicMs: this.nowMs, wallMs: wallOffsetMs + this.nowMs, random: 0.5 };
  }
}

let lane: Lane;
beforeEach(() => {
  lane = new Lane(1_200);
});

describe('greeting', () => {
  test('says hello once connected and sends nothing before the answer', () => {
    lane.connect();
    expect(lane.take('hello')).toEqual([{ type: 'hello', headSeq: 1_200 }]);
    expect(lane.takeSends()).toEqual([]);
    lane.answer({ committed: 200 });
    expect(lane.takeSends()).toEqual(['200+500', '700+500']);
  });

  test('a pushed receipt does not stand in for the answer', () => {
    lane.connect().hear({ committed: 200 });
    expect(lane.takeSends()).toEqual([]);
  });

  test('asks again when there is no answer, later each time, and accepts a late one', () => {
    lane.connect().take('hello');
    lane.pass(settings.helloTimeoutMs + settings.helloRetryMs);
    expect(lane.take('hello')).toHaveLength(1);
    lane.feed({ type: 'hello-failed', reason: 'no hub' });
    lane.pass(settings.helloRetryMs);
    expect(lane.take('hello')).toHaveLength(0);
    lane.pass(settings.helloRetryMs);
    expect(lane.take('hello')).toHaveLength(1);
    lane.pass(settings.helloTimeoutMs).answer();
    expect(lane.takeSends()).toEqual(['0+500', '500+500', '1000+200']);
  });

  test('dials again for ever, in longer and longer waits up to a bound', () => {
    lane.feed({ type: 'wake' });
    const waits: number[] = [];
    for (let failure = 0; failure < 12; failure += 1) {
      lane.take('dial');
      lane.feed({ type: 'dial-failed', reason: 'refused' });
      const fromMs = lane.nowMs;
      while (lane.take('dial').length === 0) lane.pass(10);
      waits.push(lane.nowMs - fromMs);
    }
    expect(waits.slice(0, 3)).toEqual([190, 380, 750]);
    expect(Math.max(...waits)).toBe(settings.dialRetryMaxMs * 0.75);
  });

  test('says hello now and then while the hub is quiet', () => {
    lane.connect().answer().take('hello');
    lane.hear({ committed: 1_200 }).pass(settings.keepAliveMs - 10);
    expect(lane.take('hello')).toHaveLength(0);
    lane.pass(10);
    expect(lane.take('hello')).toHaveLength(1);
  });

  test('sends nothing beyond the head that a waiting hello names', () => {
    lane.connect().answer().hear({ committed: 1_200 }).pass(settings.keepAliveMs);
    expect(lane.take('hello')).toHaveLength(2);
    lane.takeSends();
    lane.feed({ type: 'journal-grew', headSeq: 1_500 }).pass(100);
    expect(lane.takeSends()).toEqual([]);
    lane.answer({ committed: 1_200 });
    expect(lane.takeSends()).toEqual(['1200+300']);
  });
});

describe('halting', () => {
  const forks: [string, Partial<Receipt>, string | null | undefined][] = [
    ['the hash at committed differs', { committed: 300, headHash: 'other' }, undefined],
    ['the hub holds more than this journal has', { committed: 5_000 }, null],
    ['the hub follows another epoch', { committed: 300, epoch: 2 }, undefined],
    ['the hub says so', { committed: 0, state: 'halted', reason: 'ask Ada' }, undefined],
  ];

  test.each(forks)('stops the lane when %s', (_why, change, ownHash) => {
    lane.connect().answer(change, ownHash);
    expect(lane.take('halted')).toHaveLength(1);
    lane.feed({ type: 'journal-grew', headSeq: 2_000 }).pass(1_000);
    expect(lane.takeSends()).toEqual([]);
    expect(uplinkStatus(lane.state).state).toBe('halted');
  });

  test.each(forks)('asks on slowly, and goes on when mended, after: %s', (_why, change, own) => {
    lane.connect().answer(change, own).take('hello');
    lane.pass(settings.haltedHelloMs - 10);
    expect(lane.take('hello')).toHaveLength(0);
    lane.pass(10);
    expect(lane.take('hello')).toHaveLength(1);
    lane.answer(change, own);
    expect(lane.take('halted')).toHaveLength(1);
    lane.pass(settings.haltedHelloMs).answer({ committed: 100, state: 'open' });
    expect(lane.take('resumed')).toHaveLength(1);
    expect(lane.takeSends()[0]).toBe('100+500');
  });

  test("gives the hub's own reason where it has one", () => {
    lane.connect().answer({ committed: 9, state: 'halted', reason: 'ask Ada' }, null);
    expect(uplinkStatus(lane.state).reason).toBe('ask Ada');
  });

  test('a pushed receipt with another hash halts in mid-flight', () => {
    lane.connect().answer().hear({ committed: 500, headHash: 'other' });
    expect(lane.take('halted')).toHaveLength(1);
    lane.takeSends();
    lane.feed({ type: 'journal-grew', headSeq: 3_000 }).pass(500);
    expect(lane.takeSends()).toEqual([]);
  });

  test('a push of another epoch is no business of this one', () => {
    lane.connect().answer().hear({ committed: 1, epoch: 7 });
    expect(lane.take('halted')).toEqual([]);
    expect(lane.state.committedSeq).toBe(0);
  });
});

describe('following receipts', () => {
  test('a later one moves on, the same again and an older one change nothing', () => {
    lane.connect().answer({ committed: 0, number: 10 });
    lane.hear({ committed: 1_000, number: 12 }).takeSends();
    const after = lane.state;
    lane.hear({ committed: 500, number: 11 });
    expect(lane.state).toEqual(after);
    lane.hear({ committed: 1_000, number: 12 });
    expect(lane.state).toMatchObject({ committedSeq: 1_000, sentSeq: 1_200 });
    expect(lane.takeSends()).toEqual([]);
  });

  test('an answer that a push overtook does not move it back', () => {
    lane.connect().answer({ committed: 0, number: 10 }).pass(settings.keepAliveMs);
    lane.hear({ committed: 1_000, number: 12 }).answer({ committed: 500, number: 11 });
    expect(lane.state).toMatchObject({ committedSeq: 1_000, helloPending: false });
    expect(lane.take('rewound').map(({ reason }) => reason)).toEqual(['greeted']);
  });

  test('a hub restored from a backup is followed back, under new message ids', () => {
    lane.connect().answer().hear({ committed: 1_200, number: 90 }).take('send');
    lane.pass(settings.keepAliveMs * 2).answer({ committed: 400, number: 3 });
    expect(lane.take('rewound').at(-1)).toMatchObject({ afterSeq: 400, reason: 'hub-went-back' });
    expect(lane.take('send')[0]).toMatchObject({ afterSeq: 400, round: 1 });
    lane.hear({ committed: 900, number: 4 });
    expect(lane.state.committedSeq).toBe(900);
  });

  test('a replay is sent once, not once for every receipt that asks', () => {
    lane.connect().answer().takeSends();
    lane.hear({ committed: 500, state: 'replay' });
    expect(lane.takeSends()).toEqual(['500+500', '1000+200']);
    lane.hear({ committed: 500, state: 'replay' }).hear({ committed: 500, state: 'replay' });
    expect(lane.takeSends()).toEqual([]);
    lane.pass(settings.replayHoldMs).hear({ committed: 500, state: 'replay' });
    expect(lane.takeSends()).toEqual(['500+500', '1000+200']);
  });

  test('secured is told and changes nothing else', () => {
    lane.connect().answer({ committed: 300, secured: 120 });
    expect(uplinkStatus(lane.state)).toMatchObject({ committedSeq: 300, securedSeq: 120 });
  });
});

describe('sending', () => {
  test('keeps within credit, and leaves a rest of it until more comes', () => {
    lane.connect().answer({ credit: 700 });
    expect(lane.takeSends()).toEqual(['0+500']);
    lane.hear({ committed: 500, credit: 100 });
    expect(lane.takeSends()).toEqual(['500+100']);
    lane.hear({ committed: 600, credit: 0 });
    expect(lane.takeSends()).toEqual([]);
    lane.pass(settings.keepAliveMs * 2).answer({ committed: 600, credit: 5_000 });
    expect(lane.takeSends()).toEqual(['600+500', '1100+100']);
  });

  test('keeps only so many batches without a PubAck', () => {
    lane = new Lane(50_000);
    lane.connect().answer({ credit: 100_000 });
    expect(lane.takeSends()).toHaveLength(settings.maxOutstanding);
    lane.ack(1_000);
    expect(lane.takeSends()).toEqual(['4000+500']);
  });

  test('gathers a trickle instead of sending every event alone', () => {
    lane.connect().answer().takeSends();
    for (let seq = 1_201; seq <= 1_240; seq += 1) {
      lane.feed({ type: 'journal-grew', headSeq: seq }).pass(1);
    }
    expect(lane.takeSends()).toEqual([]);
    lane.pass(settings.lingerMs);
    expect(lane.takeSends()).toEqual(['1200+40']);
    lane.feed({ type: 'journal-grew', headSeq: 1_240 + settings.fullEnough });
    expect(lane.takeSends()).toEqual(['1240+100']);
  });

  test('goes back to the first unacknowledged batch when one is not stored', () => {
    lane.connect().answer().ack(500);
    const { flight } = lane.state;
    lane.takeSends();
    lane.fail(1_200);
    expect(lane.take('blocked')).toEqual([{ type: 'blocked', reason: 'full' }]);
    expect(uplinkStatus(lane.state)).toMatchObject({ state: 'draining', reason: 'full' });
    lane.feed({ type: 'pub-failed', flight, lastSeq: 1_000, reason: 'full' });
    lane.feed({ type: 'pub-acked', flight, lastSeq: 1_000, duplicate: false });
    expect(lane.takeSends()).toEqual([]);
    lane.pass(settings.sendRetryMs);
    const [first, second] = lane.take('send');
    expect(first).toMatchObject({ afterSeq: 500, round: 1 });
    expect(second).toMatchObject({ afterSeq: 1_000, round: 1 });
    lane.ack(1_000);
    expect(uplinkStatus(lane.state).reason).toBeUndefined();
  });

  test('waits longer the longer the stream refuses, and never gives up', () => {
    lane.connect().answer({ credit: 500 }).takeSends();
    const waits: number[] = [];
    for (let failure = 0; failure < 10; failure += 1) {
      lane.fail(500);
      const fromMs = lane.nowMs;
      while (lane.takeSends().length === 0) {
        lane.pass(10);
        if (lane.state.helloPending) lane.answer({ credit: 500 });
      }
      waits.push(lane.nowMs - fromMs);
    }
    expect(waits[0]).toBeLessThan(settings.sendRetryMs);
    expect(waits.at(-1)).toBeGreaterThan(settings.sendRetryMaxMs / 2);
    expect(lane.take('blocked')).toHaveLength(1);
  });

  test('asks when committed stands still, sends again, and with new ids if the stream balks', () => {
    lane.connect().answer().take('send');
    const standStill = () => {
      for (let waited = 0; waited < 70_000; waited += 100) {
        lane.pass(100);
        if (lane.state.helloPending) lane.answer();
        const sends = lane.take('send');
        if (sends.length > 0) return sends[0];
      }
      return undefined;
    };
    expect(standStill()).toMatchObject({ afterSeq: 0, round: 0 });
    lane.ack(500, true);
    expect(standStill()).toMatchObject({ afterSeq: 0, round: 1 });
  });

  test('starts again behind committed on a new connection, with the same ids', () => {
    lane.connect().answer().hear({ committed: 500 }).take('send');
    lane.feed({ type: 'disconnected', reason: 'cut' }).pass(settings.dialRetryMs);
    expect(lane.take('dial')).toHaveLength(2);
    lane.feed({ type: 'connected' }).answer({ committed: 500 });
    expect(lane.take('send')[0]).toMatchObject({ afterSeq: 500, round: 0 });
  });
});

describe('what the lane says of the link', () => {
  test('first contact is told without a loss, a loss once, a return with what was kept', () => {
    lane.connect().answer({ committed: 1_000 });
    expect(lane.take('link-changed')).toEqual([
      { type: 'link-changed', live: true, committedSeq: 1_000, keptEvents: 200 },
    ]);
    const contactMs = wallOffsetMs + lane.nowMs;
    lane.hear({ committed: 1_200 });
    lane.feed({ type: 'disconnected', reason: 'cut' });
    for (let dials = 0; dials < 20; dials += 1) {
      lane.pass(500);
      if (lane.state.link === 'dialling') lane.feed({ type: 'dial-failed', reason: 'refused' });
    }
    expect(lane.take('link-changed')).toEqual([
      { type: 'link-changed', live: false, committedSeq: 1_200, keptEvents: 0, sinceMs: contactMs },
    ]);
    expect(uplinkStatus(lane.state)).toMatchObject({ state: 'away', reason: 'refused' });
    lane.feed({ type: 'journal-grew', headSeq: 1_700 });
    lane.feed({ type: 'connected' }).answer({ committed: 1_200 });
    expect(lane.take('link-changed')).toEqual([
      {
        type: 'link-changed',
        live: true,
        committedSeq: 1_200,
        keptEvents: 500,
        sinceMs: contactMs,
      },
    ]);
  });

  test('a short cut is no loss', () => {
    lane.connect().answer().take('link-changed');
    lane.feed({ type: 'disconnected', reason: 'cut' }).pass(settings.lostAfterMs - 100);
    lane.feed({ type: 'connected' }).answer();
    lane.pass(settings.keepAliveMs / 2);
    expect(lane.take('link-changed')).toEqual([]);
  });

  test('a hub that falls silent behind a good connection is a loss after some five seconds', () => {
    lane.connect().answer().take('link-changed');
    lane.pass(settings.keepAliveMs + settings.lostAfterMs - 20);
    expect(lane.take('link-changed')).toEqual([]);
    lane.pass(20);
    expect(lane.take('link-changed')).toMatchObject([{ live: false }]);
    lane.hear();
    expect(lane.take('link-changed')).toMatchObject([{ live: true }]);
  });

  test('a hub that was never there is a loss without a last contact', () => {
    lane.feed({ type: 'wake' }).pass(settings.lostAfterMs);
    expect(lane.take('link-changed')).toEqual([
      { type: 'link-changed', live: false, committedSeq: 0, keptEvents: 1_200 },
    ]);
  });

  test('a hub that halts the lane is not back until the lane is open', () => {
    lane.pass(settings.lostAfterMs);
    expect(lane.take('link-changed')).toMatchObject([{ live: false }]);
    lane.connect().answer({ state: 'halted' }).pass(settings.haltedHelloMs);
    expect(lane.take('halted')).toHaveLength(1);
    expect(lane.take('link-changed')).toEqual([]);
    lane.answer({ committed: 100 });
    const said = lane.done.map(({ type }) => type);
    expect(said.indexOf('link-changed')).toBeGreaterThan(said.indexOf('resumed'));
    const sinceMs = wallOffsetMs + settings.lostAfterMs;
    const kept = { committedSeq: 100, keptEvents: 1_100 };
    expect(lane.take('link-changed')).toEqual([
      { type: 'link-changed', live: true, ...kept, sinceMs },
    ]);
  });

  test('a halted lane is still in contact', () => {
    lane.connect().answer({ state: 'halted' }).take('link-changed');
    lane.pass(settings.haltedHelloMs).answer({ state: 'halted' }).pass(5_000);
    expect(lane.take('link-changed')).toEqual([]);
  });

  test('drains until what was there at the greeting is committed', () => {
    lane.connect().answer();
    expect(uplinkStatus(lane.state).state).toBe('draining');
    lane.hear({ committed: 1_200 });
    expect(uplinkStatus(lane.state).state).toBe('live');
    lane.feed({ type: 'journal-grew', headSeq: 1_300 });
    expect(uplinkStatus(lane.state).state).toBe('live');
    lane.feed({ type: 'journal-grew', headSeq: 1_300 + settings.drainingEvents });
    expect(uplinkStatus(lane.state).state).toBe('draining');
  });
});
