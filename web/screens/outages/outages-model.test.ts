import { describe, expect, test } from 'vitest';
import type { Outage } from '#contracts/api/outages-api.ts';
import { fixtureOutages } from '../../testing/fixture-outages.ts';
import { fixtureFleet } from '../../testing/fixture-fleet.ts';
import { outageCellParts } from './outages-columns.ts';
import {
  bandsOf,
  lanesOf,
  outageLines,
  outagesWords,
  reconciledWords,
  type OutageLine,
} from './outages-model.ts';

const now = Date.UTC(2026, 10, 22, 13, 2, 31);
const minute = 60_000;
const fleet = fixtureFleet(now);
const lines = outageLines(fixtureOutages(now).outages, undefined);

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
    expect(bandsOf(lineOf('lyon-1/gap/9'), now)[0]?.words).toMatch(
      /server restart · 38 samples unseen$/,
    );
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

  test('of many gateways are only those with an incident', () => {
    const [one] = fleet.gateways;
    if (one === undefined) throw new Error('the fixture has gateways');
    const many = Array.from({ length: 28 }, (_, at) => ({
      ...one,
      site: `s${at}`,
      gateway: `g${at}`,
    }));
    const large = { ...fleet, gateways: [...many, ...fleet.gateways] };
    expect(lanesOf(large, lines, true, now)).toHaveLength(3);
    expect(outagesWords(large, lines, '8 hours')).toMatch(
      /3 of 32 sites shown: those with an incident$/,
    );
  });
});

describe('the table', () => {
  test('lists open incidents first, then the newest', () => {
    expect(lines.map(({ state }) => state)).toEqual([
      'open',
      'draining',
      'open',
      'closed',
      'closed',
      'closed',
    ]);
  });

  test('says what became of each', () => {
    const words = (id: string) => reconciledWords(lineOf(id)).words;
    expect(words('lyon-1/uplink/1')).toBe('head hash equal');
    expect(words('rotterdam-1/uplink/2')).toBe('draining, 1\u202f204 events left');
    expect(words('basel-1/gateway/3')).toBe('silent');
    expect(words('lyon-1/gap/9')).toBe('gap recorded');
    expect(reconciledWords({ ...lineOf('lyon-1/uplink/1'), headHashEqual: false })).toMatchObject({
      tone: 'bad',
      words: 'head hash differs',
    });
  });

  test('hatches what nobody knows, and not what does not apply', () => {
    expect(outageCellParts(lineOf('basel-1/gateway/3'), 'kept')).toBe('hatched');
    expect(outageCellParts(lineOf('lyon-1/gap/9'), 'kept')).toBe('');
    expect(outageCellParts(lineOf('rotterdam-1/device/4'), 'lost')).toBe('hatched');
    expect(outageCellParts(lineOf('basel-1/gateway/3'), 'doubled')).toBe('hatched');
    expect(outageCellParts(lineOf('lyon-1/uplink/1'), 'lost')).toBe('');
  });
});
