import { describe, expect, test } from 'vitest';
import type { Outage } from '#contracts/api/outages-api.ts';
import { fixtureOutages } from '../../testing/fixture-outages.ts';
import { fixtureFleet } from '../../testing/fixture-fleet.ts';
import { outageCellParts } from './outages-columns.ts';
import {
  bandsOf,
  completeFromMs,
  lanesOf,
  outageLines,
  outagesWords,
  causeWords,
  reconciledWords,
  windowFor,
  type OutageLine,
} from './outages-model.ts';

const now = Date.UTC(2026, 10, 22, 13, 2, 31);
const minute = 60_000;
const fleet = fixtureFleet(now);
const lines = outageLines(fixtureOutages(now));

function lineOf(id: string): OutageLine {
  const found = lines.find((line) => line.id === id);
  if (found === undefined) throw new Error(`no outage ${id}`);
  return found;
}

const tones = (outage: Outage) => bandsOf(outage, now).map(({ tone }) => tone);

describe('the bands of an incident', () => {
  test('of a link are the cut and then the draining', () => {
    expect(bandsOf(lineOf('lyon-1/uplink/1'), now)).toMatchObject([
      { tone: 'cut', fromMs: now - 200 * minute, toMs: now - 111 * minute },
      { tone: 'draining', fromMs: now - 111 * minute, toMs: now - 109 * minute },
    ]);
  });

  test('drain until now while the backlog is on its way', () => {
    expect(bandsOf(lineOf('rotterdam-1/uplink/2'), now).at(-1)).toMatchObject({
      tone: 'draining',
      toMs: now,
    });
  });

  test('are unknown while nobody hears of the gateway', () => {
    expect(tones(lineOf('basel-1/gateway/3'))).toEqual(['unknown']);
    const cut = { ...lineOf('basel-1/gateway/3'), type: 'uplink' as const };
    expect(tones(cut)).toEqual(['unknown']);
    expect(tones({ ...cut, kept: 12 })).toEqual(['cut']);
  });

  test('of devices and restarts are trouble', () => {
    expect(tones(lineOf('lyon-1/gap/9'))).toEqual(['trouble']);
    expect(tones(lineOf('basel-1/gateway/2'))).toEqual(['trouble']);
  });

  test('say in words what was kept and what was not seen', () => {
    expect(bandsOf(lineOf('lyon-1/uplink/1'), now)[0]?.words).toMatch(
      /^\d\d:\d\d–\d\d:\d\d no route to hub · 1\u202f204\u202f118 events kept$/,
    );
    expect(bandsOf(lineOf('lyon-1/gap/9'), now)[0]?.words).toMatch(/PLC started anew$/);
    const missing = { ...lineOf('lyon-1/uplink/1'), lost: 7 };
    expect(bandsOf(missing, now)[0]?.words).toMatch(/ events kept · 7 events missing$/);
  });
});

describe('the lanes', () => {
  test('are one for each uplink, also without incident, and one for each other trouble', () => {
    const lanes = lanesOf(fleet, lines, false, now);
    expect(lanes.map(({ label }) => label)).toEqual([
      'basel-1 · uplink',
      'basel-1 · gateway',
      'lyon-1 · uplink',
      'lyon-1 · line-2',
      'metz-1 · uplink',
      'metz-1 · gateway',
      'rotterdam-1 · uplink',
      'rotterdam-1 · dock-1-b',
    ]);
  });

  test('of a silent gateway are not drawn as live', () => {
    const basel = lanesOf(fleet, [], false, now).find(({ id }) => id === 'basel-1/uplink');
    expect(basel?.bands.at(-1)).toMatchObject({
      tone: 'unknown',
      fromMs: now - 41 * minute,
      toMs: now,
    });
  });

  test('of an uplink are not live while the gateway did not run', () => {
    const down = lineOf('basel-1/gateway/2');
    const [uplink, gateway] = lanesOf(undefined, [down], false, now);
    const when = { fromMs: down.startedAt, toMs: down.endedAt };
    expect(uplink?.bands).toMatchObject([{ ...when, tone: 'unknown', words: '' }]);
    expect(gateway?.bands).toMatchObject([{ ...when, tone: 'trouble' }]);
    const [alone] = lanesOf(undefined, [down], true, now);
    expect(alone?.bands[0]?.words).toMatch(/ process ended without notice$/);
  });

  test('show a halt on the uplink, and a stop that was asked for as no trouble', () => {
    const halt = { ...lineOf('lyon-1/uplink/1'), type: 'lane', cause: 'it forked' } as const;
    const lanes = lanesOf(undefined, outageLines([halt]), false, now);
    expect(lanes).toHaveLength(1);
    expect(lanes[0]?.bands[0]).toMatchObject({ tone: 'cut' });
    const stop = { ...lineOf('basel-1/gateway/2'), cause: 'orderly-stop' };
    expect(tones(stop)).toEqual(['unknown']);
    expect(bandsOf(stop, now)[0]?.words).toMatch(/ stopped in order$/);
  });

  test('are unknown before the gateway was first heard of', () => {
    const firstSeenAt = now - 7 * minute;
    const gateways = fleet.gateways.map((row) => ({ ...row, firstSeenAt }));
    for (const lane of lanesOf({ ...fleet, gateways }, lines, false, now)) {
      expect(lane.bands[0]).toMatchObject({ tone: 'unknown', fromMs: 0, toMs: firstSeenAt });
    }
  });

  test('of a gateway that was never seen are unknown from end to end', () => {
    const gateways = fleet.gateways.map((row) => ({ ...row, state: 'never-seen' as const }));
    const [lane] = lanesOf({ ...fleet, gateways }, [], true, now);
    expect(lane?.ground).toBe('unknown');
  });

  test('are unknown as far back as not every incident is loaded', () => {
    const last = lines.at(-1);
    const from = completeFromMs({ outages: lines, more: true }, now);
    expect(from).toBe(last?.endedAt);
    for (const lane of lanesOf(undefined, lines, false, now, from)) {
      expect(lane.bands[0]).toMatchObject({ tone: 'unknown', fromMs: 0, toMs: from });
    }
    expect(completeFromMs({ outages: lines, more: false }, now)).toBeUndefined();
    // Where not even all that lasts is loaded, nothing of the past is known.
    expect(completeFromMs({ outages: lines.slice(0, 3), more: true }, now)).toBe(now);
  });

  test('of many gateways are only those with an incident', () => {
    const [one] = fleet.gateways;
    if (one === undefined) throw new Error('the fixture has gateways');
    const many = Array.from({ length: 28 }, (_, at) => ({
      ...one,
      site: `s${at}`,
      gateway: `g${at}`,
    }));
    const large = { ...fleet, gateways: [...many, ...fleet.gateways] };
    expect(lanesOf(large, lines, true, now)).toHaveLength(4);
    expect(outagesWords(large, lines, '8 hours', false)).toMatch(
      /4 of 32 sites shown: those with an incident$/,
    );
  });
});

describe('the table', () => {
  test('keeps the order of the hub, and says where there are more than it shows', () => {
    expect(lines.map(({ id }) => id)).toEqual(fixtureOutages(now).map(({ id }) => id));
    const words = outagesWords(undefined, lines, '8 hours', true);
    expect(words).toBe('last 8 hours · more than 8 incidents, 3 open');
  });

  test('says what became of each', () => {
    const words = (id: string) => reconciledWords(lineOf(id)).words;
    expect(words('lyon-1/uplink/1')).toBe('all committed');
    expect(words('rotterdam-1/uplink/2')).toBe('draining, 1\u202f204 events left');
    expect(words('basel-1/gateway/3')).toBe('silent');
    expect(words('lyon-1/gap/9')).toBe('gap recorded');
    expect(reconciledWords(lineOf('lyon-1/uplink/1')).hover).toContain('event lyon-1/1/912');
    const became = (change: Partial<Outage>) => {
      const { tone, words: said } = reconciledWords({ ...lineOf('lyon-1/uplink/1'), ...change });
      return `${tone}: ${said}`;
    };
    expect(became({ lost: 3 })).toBe('bad: 3 events missing');
    expect(became({ lost: null, replayed: null })).toBe('plain: committed, not compared');
    expect(became({ state: 'halted', endedAt: null })).toBe('bad: halted: events kept');
    const release = { by: 'eng-7', reason: 'the clone is off' };
    expect(became({ type: 'lane', lost: null, release })).toBe('ok: released');
    expect(reconciledWords({ ...lineOf('lyon-1/uplink/1'), type: 'lane', release }).hover).toBe(
      'Let go on by eng-7: the clone is off',
    );
  });

  test('hatches what nobody knows, and not what does not apply', () => {
    expect(outageCellParts(lineOf('basel-1/gateway/3'), 'kept')).toBe('hatched');
    expect(outageCellParts(lineOf('lyon-1/gap/9'), 'kept')).toBe('');
    expect(outageCellParts(lineOf('rotterdam-1/device/4'), 'lost')).toBe('hatched');
    expect(outageCellParts(lineOf('basel-1/gateway/2'), 'lost')).toBe('hatched');
    expect(outageCellParts(lineOf('lyon-1/uplink/1'), 'lost')).toBe('');
  });
});

test('codes of causes are said in words', () => {
  expect(causeWords({ type: 'gap', cause: 'server-restart' })).toBe('PLC started anew');
  expect(causeWords({ type: 'intake', cause: 'disk-full' })).toBe('disk is full');
  expect(causeWords({ type: 'uplink', cause: 'link or hub away' })).toBe('link or hub away');
  expect(causeWords({ type: 'lane', cause: 'it forked' })).toBe('halted: it forked');
});

describe('the window that nobody chose', () => {
  const since = (minutes: number | null) => {
    const firstSeenAt = minutes === null ? null : now - minutes * minute;
    const gateways = fleet.gateways.map((row) => ({ ...row, firstSeenAt }));
    return windowFor({ ...fleet, gateways }, now);
  };

  test('is the smallest that holds the first contact, so that little of it is unknown', () => {
    expect([since(1), since(15), since(16), since(61)]).toEqual(['15m', '15m', '1h', '8h']);
  });

  test('is a shift where all began longer ago, and where nothing was ever heard', () => {
    expect([since(9 * 60), since(30 * 24 * 60), since(null)]).toEqual(['8h', '8h', '8h']);
    expect(windowFor(undefined, now)).toBe('8h');
  });
});
