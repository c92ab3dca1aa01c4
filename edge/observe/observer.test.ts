import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { EventDraft } from '#contracts/envelope.ts';
import type { IntakeBody } from '../intake/intake-entry.ts';
import { restoreObserver, type Observer } from './observer.ts';
import * as site from './testing/test-site.ts';

const { startMs, testSite } = site;
const [epc, other] = site.epcs;

type Timed = readonly [afterMs: number, body: IntakeBody];
const tick: IntakeBody = { type: 'tick' };
const on = (device: string, connected = true): IntakeBody => {
  return { type: 'connection', device, connected };
};

function play(...bodies: readonly Timed[]): { observer: Observer; drafts: EventDraft[] } {
  const observer = restoreObserver([]);
  const all: Timed[] = [[0, site.configBody()], ...bodies];
  const drafts = site.entriesOf(all).flatMap((entry) => [...observer.step(entry).drafts]);
  return { observer, drafts: drafts.slice(1) };
}

function kindsOf(drafts: readonly EventDraft[]): string[] {
  return drafts.map(({ kind }) => kind);
}

function shelf(afterMs: number, antenna = 1, of: string = epc): Timed {
  const atMs = startMs + afterMs;
  return [afterMs, site.impinjBody({ epc: of, antenna, rssiCdbm: -5000, atMs })];
}

/** A tag through the dock: four reads a side, 100 ms apart. */
function crossing(fromMs: number, inwards: boolean, of: string = epc, number = fromMs): Timed[] {
  const sides = inwards ? [1, 1, 2, 2] : [2, 2, 1, 1];
  return sides.map((antenna, index) => {
    const afterMs = fromMs + index * 100;
    const read = { epc: of, antenna, reads: 2, number: number + index, atMs: startMs + afterMs };
    return [afterMs, site.zebraBody(read)];
  });
}

describe('tags', () => {
  test('appear, move and depart, with the times that their readers claim', () => {
    const there = [shelf(9000, 2), shelf(10_000, 2), shelf(11_000, 2)];
    const { drafts } = play(shelf(100), shelf(200), ...there, [60_000, tick]);
    expect(drafts).toMatchObject([
      {
        kind: 'tag.appeared',
        device: 'shelf',
        payload: { epc, zone: 'storage', antenna: 1, rssiCdbm: -5000 },
        occurredAt: startMs + 200,
        timeQuality: 'device',
      },
      { kind: 'tag.moved', payload: { epc, fromZone: 'storage', zone: 'shipping' } },
      { kind: 'stock.moved' },
      {
        kind: 'tag.departed',
        payload: { epc, zone: 'shipping', lastSeenAt: startMs + 11_000 },
        timeQuality: 'arrival',
      },
    ]);
  });

  test('depart in the order in which they were last seen, then of their EPCs', () => {
    const both = [shelf(100, 1, other), shelf(200, 1, other), shelf(150), shelf(200)];
    const { drafts } = play(...both, [60_000, tick]);
    const gone = drafts.filter(({ kind }) => kind === 'tag.departed');
    expect(gone.map(({ payload }) => payload)).toMatchObject([{ epc }, { epc: other }]);
  });

  test('that nobody can decode are presence like others', () => {
    for (const strange of ['000000000000000000000000', site.foreignEpc, 'ABC']) {
      const { drafts } = play(shelf(100, 1, strange), shelf(200, 1, strange));
      expect(drafts).toMatchObject([{ kind: 'tag.appeared', payload: { epc: strange } }]);
    }
  });

  test('do not depart while their reader is away, nor right when it is back', () => {
    const present = [shelf(100), shelf(200), [300, on('shelf', false)], [59_000, tick]] as const;
    expect(kindsOf(play(...present).drafts)).not.toContain('tag.departed');
    const back = [...present, [60_000, on('shelf')], [89_000, tick]] as const;
    expect(kindsOf(play(...back).drafts)).not.toContain('tag.departed');
    expect(kindsOf(play(...back, [91_000, tick]).drafts)).toContain('tag.departed');
  });

  test('depart after their reader is reported silent, and appear again when it is back', () => {
    const gone = [shelf(100), shelf(200), [300, on('shelf', false)], [61_000, tick]] as const;
    const said = kindsOf(play(...gone, [62_000, tick]).drafts);
    expect(said).toContain('device.silent');
    expect(said.slice(said.indexOf('device.silent'))).toContain('tag.departed');
    const back = [[90_000, on('shelf')], shelf(90_100), shelf(90_200)] as const;
    const again = kindsOf(play(...gone, [62_000, tick], ...back).drafts);
    expect(again.filter((kind) => kind === 'tag.appeared')).toHaveLength(2);
  });

  test('do not depart for the time that the gateway itself was down', () => {
    const down = [shelf(100), shelf(200), [3_600_000, site.bootBody], [3_601_000, tick]] as const;
    expect(kindsOf(play(...down).drafts)).not.toContain('tag.departed');
  });

  test('depart when another reader, that is there, was the last to see them', () => {
    const read = { epc, antenna: 3, reads: 2, number: 1, atMs: startMs + 100 };
    const { drafts } = play(
      [100, site.zebraBody(read)],
      [200, on('dock', false)],
      [40_000, tick],
      shelf(50_000),
      shelf(50_100),
      [81_000, tick],
    );
    expect(kindsOf(drafts)).toContain('tag.departed');
  });

  test('keep an implausible time beside the time of receipt', () => {
    const claimedMs = Date.UTC(1970, 0, 1, 0, 0, 5);
    const body = site.impinjBody({ epc, antenna: 1, atMs: claimedMs });
    expect(play([100, body], [200, body]).drafts).toMatchObject([
      { occurredAt: startMs + 200, timeQuality: 'implausible', claimedAt: claimedMs },
    ]);
  });

  test('count although a line beside them is broken, which alone goes to quarantine', () => {
    const [first, second] = [startMs, startMs + 50].map((atMs) => {
      const good = site.impinjBody({ epc, antenna: 1, atMs });
      return good.type === 'message' ? new TextDecoder().decode(good.payload) : '';
    });
    const body = site.raw('shelf', 'events', `${first}\n{"eventType":\n${second}\n`);
    const observer = restoreObserver([]);
    const steps = site
      .entriesOf([
        [0, site.configBody()],
        [100, body],
      ])
      .map((entry) => observer.step(entry));
    expect(kindsOf(steps.flatMap(({ drafts }) => [...drafts]))).toContain('tag.appeared');
    expect(steps[1]?.quarantined).toMatchObject({
      reason: 'malformed',
      detail: expect.stringMatching(/^at index 1: line 2, 13 bytes/) as string,
      bytes: 13,
      sha256: createHash('sha256').update('{"eventType":').digest('hex'),
    });
  });

  test('at an antenna that is not configured go to quarantine with a reason', () => {
    const observer = restoreObserver([]);
    const body = site.impinjBody({ epc, antenna: 9 });
    const [config, entry] = site.entriesOf([
      [0, site.configBody()],
      [100, body],
    ]);
    if (config !== undefined) observer.step(config);
    expect(entry && observer.step(entry).quarantined).toMatchObject({
      reason: 'unknown-message',
      detail: 'antenna 9 is not in the configuration',
    });
  });
});

describe('a portal', () => {
  test('tells a pass and what it posts when the window is over', () => {
    const { drafts } = play(...crossing(100, true), [1500, tick]);
    expect(drafts).toEqual([]);
    expect(play(...crossing(100, true), [3000, tick]).drafts).toMatchObject([
      {
        kind: 'portal.passed',
        device: 'dock',
        occurredAt: startMs + 400,
        payload: {
          direction: 'in',
          epc,
          firstSeenAt: startMs + 100,
          lastSeenAt: startMs + 400,
          portal: 'dock-1',
          reads: 8,
        },
      },
      { kind: 'stock.received' },
    ]);
  });

  test('waits for the reader when it goes away in the middle of a pass', () => {
    const [a, b, c, d] = crossing(100, true);
    if (!a || !b || !c || !d) throw new Error('a crossing has four reads');
    const late = (of: Timed): Timed => [50_000 + of[0], of[1]];
    const cut = [a, b, [250, on('dock', false)] as const, [20_000, tick] as const];
    const { drafts } = play(...cut, [50_000, on('dock')], late(c), late(d), [54_000, tick]);
    expect(drafts).toMatchObject([
      { kind: 'portal.passed', payload: { direction: 'in', reads: 8 } },
      { kind: 'stock.received' },
    ]);
  });

  /** The dock goes away after some reads of a crossing, and the rest is in its buffer. */
  function cutCrossing(readsBefore: number, ...between: Timed[]) {
    const reads = crossing(100, true);
    const before = reads.slice(0, readsBefore);
    const late = reads
      .slice(readsBefore)
      .map(([afterMs, body]): Timed => [200_000 + afterMs, body]);
    const dock = ['device.silent', 'device.heard', 'gateway.config-applied'];
    const { drafts } = play(
      ...before,
      [450, on('dock', false)],
      ...between,
      [200_000, on('dock')],
      ...late,
      [210_000, tick],
    );
    return drafts.filter(({ kind, device }) => device === 'dock' && !dock.includes(kind));
  }

  test('judges a pass by what is there once the reader is reported silent', () => {
    const drafts = cutCrossing(3, [62_000, tick], [63_000, tick]);
    expect(drafts).toMatchObject([
      { kind: 'portal.passed', payload: { direction: 'in', reads: 6, lastSeenAt: startMs + 300 } },
      { kind: 'stock.received' },
    ]);
  });

  test('does not wait for a reader that never comes back', () => {
    const { drafts } = play(
      ...crossing(100, true),
      [450, on('dock', false)],
      [61_000, tick],
      [62_000, tick],
    );
    expect(kindsOf(drafts)).toContain('stock.received');
  });

  test('joins the half that it saw before it was silent to the half that its buffer brings', () => {
    const drafts = cutCrossing(2, [62_000, tick], [63_000, tick]);
    expect(drafts).toMatchObject([
      { kind: 'portal.passed', payload: { direction: 'in', reads: 8 } },
      { kind: 'stock.received' },
    ]);
  });

  test('forgets such a half after a day', () => {
    const day = 24 * 3_600_000;
    const reads = crossing(100, true);
    const late = reads.slice(2).map(([afterMs, body]): Timed => [day + 70_000 + afterMs, body]);
    const { drafts } = play(
      ...reads.slice(0, 2),
      [450, on('dock', false)],
      [61_000, tick],
      [62_000, tick],
      [day + 69_000, on('dock')],
      ...late,
      [day + 80_000, tick],
    );
    expect(kindsOf(drafts)).not.toContain('portal.passed');
  });

  test('does not make a second pass of one that is delivered again', () => {
    const again = crossing(100, true).map(([afterMs, body]): Timed => [afterMs + 10_000, body]);
    const reads = [...crossing(100, true), [5000, tick] as const];
    const rebooted = [...reads, ...again, [20_000, tick] as const];
    expect(kindsOf(play(...rebooted).drafts)).toEqual(['portal.passed', 'stock.received']);
  });
});

describe('machines', () => {
  test('have their counters and states told', () => {
    const { drafts } = play(
      [100, site.counterBody(10)],
      [5000, site.counterBody(15)],
      [6000, site.counterBody(17)],
      [7000, site.stateBody(1)],
      [8000, site.stateBody(1)],
      [9000, site.stateBody(2)],
      [11_000, tick],
    );
    expect(drafts).toMatchObject([
      { kind: 'counter.advanced', payload: { counter: 'parts', step: 'first', zone: 'storage' } },
      { kind: 'machine.state-changed', payload: { machine: 'state', stateNumber: 1 } },
      { kind: 'machine.state-changed', payload: { fromState: 'State 1', stateNumber: 2 } },
      { kind: 'counter.advanced', payload: { from: 10, to: 17, units: 7, step: 'advance' } },
    ]);
  });

  test('have every gap told, and counters counted over it', () => {
    const gap: IntakeBody = {
      type: 'gap',
      device: 'belt',
      reason: 'server-restart',
      channels: 2,
      fromMs: startMs + 200,
      toMs: startMs + 900,
    };
    const { drafts, observer } = play(
      [100, site.counterBody(50)],
      [1000, gap],
      [20_000, site.counterBody(40)],
    );
    expect(drafts.slice(1)).toMatchObject([
      { kind: 'device.gap', device: 'belt', payload: { reason: 'server-restart', channels: 2 } },
      { kind: 'counter.advanced', payload: { step: 'restart', units: 40 } },
    ]);
    expect(observer.facts(startMs + 21_000).alerts).toMatchObject([{ type: 'gap', open: false }]);
  });

  test('are counted from zero where the PLC restarted while nobody was there to see it', () => {
    const start = (atMs: number): IntakeBody => ({
      type: 'server-start',
      device: 'belt',
      startedMs: startMs + atMs,
    });
    // 65,530 to 4 is a short way through the end of the register, too.
    const unitsAfter = (between: IntakeBody) => {
      const { drafts } = play(
        [100, site.counterBody(65_530)],
        [15_000, { type: 'boot', clean: false, version: '1', lastAliveMs: startMs + 9000 }],
        [16_000, between],
        [30_000, site.counterBody(4)],
      );
      return drafts.filter(({ kind }) => kind === 'counter.advanced').slice(1);
    };
    expect(unitsAfter(start(12_000))).toMatchObject([{ payload: { step: 'restart', units: 4 } }]);
    expect(unitsAfter(start(-9000))).toMatchObject([{ payload: { step: 'rollover', units: 10 } }]);
  });

  test('have a person sent to a counter that nothing explains, once a day', () => {
    const { drafts } = play(
      ...[1000, 990, 1000, 990].map((value, i): Timed => [i * 20_000, site.counterBody(value)]),
    );
    const tasks = drafts.filter(({ kind }) => kind === 'task.opened');
    expect(tasks).toMatchObject([{ payload: { task: 'inspect-counter', zone: 'storage' } }]);
  });
});

describe('climate', () => {
  test('excursions are told per zone with the sensor’s bridge as device', () => {
    const { drafts, observer } = play(
      [100, site.climateBody('cold-1', { temperature: 8.5, humidity: 55 })],
      [200, site.climateBody('cold-2', { temperature: 5 })],
    );
    expect(drafts).toMatchObject([
      {
        kind: 'climate.excursion-started',
        device: 'bridge',
        payload: { zone: 'storage', measure: 'temperature', bound: 'above', limit: 8000 },
      },
    ]);
    expect(observer.facts(startMs + 300).alerts).toMatchObject([
      { id: 'excursion:storage/temperature/above', open: true, zone: 'storage' },
    ]);
  });

  test('an excursion ends with the limit that it broke', () => {
    const zones = testSite.zones.map(({ id, status }) => ({ id, status }));
    const { drafts, observer } = play(
      [100, site.climateBody('cold-1', { temperature: 8.5 })],
      [200, site.configBody({ ...testSite, zones })],
    );
    expect(kindsOf(drafts)).toContain('climate.excursion-ended');
    expect(observer.facts(startMs + 300).alerts).toEqual([]);
  });
});

describe('devices', () => {
  test('fall silent and are heard again', () => {
    const { drafts } = play(shelf(1000), [61_000, tick], [62_000, tick], shelf(90_000, 1, other));
    expect(drafts).toMatchObject([
      {
        kind: 'device.silent',
        device: 'belt',
        payload: { allowedMs: 60_000, silentSince: startMs },
      },
      { kind: 'device.silent', device: 'dock' },
      { kind: 'device.silent', device: 'shelf', payload: { lastHeardAt: startMs + 1000 } },
      { kind: 'device.heard', device: 'shelf', payload: { silentSince: startMs + 1000 } },
    ]);
  });

  test('are not silent for the time that the gateway could not hear', () => {
    const down = play(shelf(1000), [600_000, site.bootBody], [601_000, tick]);
    expect(kindsOf(down.drafts)).toEqual(['gateway.started']);
    const held = (is: boolean): IntakeBody => {
      return { type: 'intake', held: is, reason: 'disk-full', sinceMs: startMs + 2000 };
    };
    const full = play(shelf(1000), [2000, held(true)], [600_000, held(false)], [601_000, tick]);
    expect(kindsOf(full.drafts)).toEqual(['gateway.intake-held', 'gateway.intake-resumed']);
  });

  test('with a session are silent only when that is gone', () => {
    const session = [
      [100, on('belt')],
      [500_000, tick],
    ] as const;
    const silentBelt = ({ drafts }: { drafts: EventDraft[] }) =>
      drafts.some(({ kind, device }) => kind === 'device.silent' && device === 'belt');
    expect(silentBelt(play(...session))).toBe(false);
    const gone = [...session, [500_100, on('belt', false)]] as const;
    expect(silentBelt(play(...gone, [559_000, tick]))).toBe(false);
    expect(silentBelt(play(...gone, [562_000, tick]))).toBe(true);
  });

  test('have each kind of bad message told once a minute and counted always', () => {
    const bad = site.raw('shelf', 'events', '{"broken');
    const { drafts, observer } = play([100, bad], [200, bad], [30_000, bad], [61_000, bad]);
    const told = drafts.filter(({ kind }) => kind === 'device.quarantined');
    expect(told).toHaveLength(2);
    const health = observer.facts(startMs + 61_000);
    expect(health.quarantined).toBe(4);
    expect(health.devices.find(({ device }) => device === 'shelf')?.quarantined).toBe(4);
  });

  test('have the good part of a message used and the bad part kept', () => {
    const half = site.climateBody('cold-1', { temperature: 8.5, humidity: 999 });
    const { drafts, observer } = play([100, half]);
    expect(drafts.map(({ kind }) => kind)).toContain('climate.excursion-started');
    expect(drafts).toContainEqual(
      expect.objectContaining({
        kind: 'device.quarantined',
        payload: expect.objectContaining({ reason: 'out-of-range' }) as unknown,
      }),
    );
    expect(observer.facts(startMs + 100).quarantined).toBe(1);
  });

  test('that have to wait are told of as long as intake holds', () => {
    const { observer } = play([100, tick]);
    const held = observer.facts(startMs + 500, startMs + 200).alerts;
    expect(held).toMatchObject([{ type: 'intake-held', open: true, openedAt: startMs + 200 }]);
    expect(observer.facts(startMs + 500).alerts).toEqual([]);
  });

  test('are unknown before any configuration, and their messages kept', () => {
    const observer = restoreObserver([]);
    const [entry] = site.entriesOf([shelf(0)]);
    expect(entry && observer.step(entry)).toMatchObject({
      drafts: [{ kind: 'device.quarantined', payload: { reason: 'unknown-message' } }],
      quarantined: { device: 'shelf', channel: 'events', reason: 'unknown-message' },
    });
  });

  test('with a decoder that throws lose nothing and stop nobody', () => {
    const observer = restoreObserver([], (id) => ({
      id,
      label: id,
      transport: 'mqtt',
      naturalKey: 'none',
      initialState: null,
      decode: () => {
        throw new Error('a bug');
      },
    }));
    const steps = site
      .entriesOf([[0, site.configBody()], shelf(100)])
      .map((entry) => observer.step(entry));
    expect(steps[1]?.quarantined?.detail).toBe('the decoder of "impinj-r700" failed');
  });

  test('are covered by the guarantee, or say why not', () => {
    const tag = { epc, antenna: 1 };
    const { observer } = play([100, { ...site.impinjBody(tag), qos: 0 } as IntakeBody]);
    const covers = () =>
      observer
        .facts(startMs + 200)
        .devices.map(({ device, covered, uncoveredReason }) => [device, covered, uncoveredReason]);
    expect(covers()).toEqual([
      ['belt', false, 'polled'],
      ['bridge', false, 'no-buffer'],
      ['dock', true, undefined],
      ['gun', true, undefined],
      ['shelf', false, 'qos0'],
    ]);
  });

  test('show their clock skew and how often they read', () => {
    const skewed = (afterMs: number): Timed => [
      afterMs,
      site.impinjBody({ epc, antenna: 1, atMs: startMs + afterMs - 7000 }),
    ];
    const { observer } = play(skewed(0), skewed(500), skewed(900));
    const { devices, readsPerMinute } = observer.facts(startMs + 1000);
    expect(readsPerMinute).toBe(3);
    expect(devices.find(({ device }) => device === 'shelf')).toMatchObject({
      clockSkewMs: -7000,
      connected: true,
      silent: false,
      lastHeardAt: startMs,
    });
  });
});

describe('the gateway', () => {
  test('has lost no hub that never was there', () => {
    const uplink = (live: boolean): IntakeBody => {
      return { type: 'uplink', live, committedSeq: 0, keptEvents: 3 };
    };
    const { drafts, observer } = play(
      [100, uplink(false)],
      [200, site.bootBody],
      [300, uplink(false)],
      [400, uplink(true)],
    );
    expect(drafts).toMatchObject([{ kind: 'gateway.started' }]);
    expect(observer.facts(startMs + 500).uplinkLostMs).toBeNull();
    const later = play([100, uplink(true)], [200, site.bootBody], [300, uplink(false)]);
    expect(later.drafts.map(({ kind }) => kind)).toContain('gateway.uplink-lost');
  });

  test('tells each outage of the uplink as one pair', () => {
    const uplink = (live: boolean, sinceMs?: number): IntakeBody => {
      const since = sinceMs === undefined ? {} : { sinceMs };
      return { type: 'uplink', live, committedSeq: 5, keptEvents: 12, ...since };
    };
    const { drafts } = play(
      [100, uplink(true)],
      [200, uplink(false, startMs + 150)],
      [300, uplink(false, startMs + 150)],
      [400, site.bootBody],
      [500, uplink(true)],
      [600, uplink(true)],
    );
    expect(drafts).toMatchObject([
      { kind: 'gateway.uplink-lost', payload: { committedSeq: 5, lastContactAt: startMs + 150 } },
      { kind: 'gateway.started' },
      { kind: 'gateway.uplink-restored', payload: { keptEvents: 12, lostAt: startMs + 150 } },
    ]);
  });
});
