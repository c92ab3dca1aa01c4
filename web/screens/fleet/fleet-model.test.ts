import { describe, expect, test } from 'vitest';
import { fixtureFleet, withStuckGateway } from '../../testing/fixture-fleet.ts';
import {
  deviceLines,
  deviceWords,
  fleetFigures,
  gatewayLines,
  gatewayWords,
  guaranteeWords,
  lineFaultWords,
  openAlerts,
  sumKnown,
  type DeviceLine,
} from './fleet-model.ts';

const now = Date.UTC(2026, 10, 22, 13, 2, 31);
const fleet = fixtureFleet(now);
const byName = { key: 'device', order: 'asc' } as const;

function deviceOf(name: string): DeviceLine {
  const found = deviceLines(fleet, {}, byName).find(({ device }) => device === name);
  if (found === undefined) throw new Error(`no device ${name}`);
  return found;
}

describe('gateways', () => {
  test('with trouble stand first', () => {
    expect(gatewayLines(fleet).map(({ gateway }) => gateway)).toEqual([
      'basel-1',
      'rotterdam-1',
      'lyon-1',
      'metz-1',
    ]);
  });

  test('say their state in words, and held intake as well', () => {
    const words = gatewayLines(fleet).map((line) => gatewayWords(line, now).words);
    expect(words).toEqual(['silent 41 min', 'draining', 'live', 'live']);
    const [, , live] = gatewayLines(fleet);
    if (live === undefined) throw new Error('no live gateway');
    expect(gatewayWords({ ...live, intake: 'held' }, now)).toMatchObject({
      tone: 'warn',
      words: 'live · intake held',
    });
  });
});

test('a gateway on which the hub itself fails stands before the silent, with since when and why', () => {
  const stuck = withStuckGateway(fleet, 'metz-1');
  const [first] = gatewayLines(stuck);
  if (first === undefined) throw new Error('no gateway');
  const { tone, words, hover } = gatewayWords(first, now);
  expect([first.gateway, tone, words]).toEqual(['metz-1', 'bad', 'stuck 3 min']);
  expect(hover).toContain('the hub fails on event 5513: INTERNAL. The gateway keeps everything');
});

describe('devices', () => {
  test('are told by what is known of them', () => {
    const words = ['dock-2', 'dock-1-b', 'door'].map((name) => deviceWords(deviceOf(name), now));
    expect(words.map(({ tone }) => tone)).toEqual(['ok', 'bad', 'unknown']);
    expect(words[2]?.words).toMatch(/^unknown since \d\d:\d\d$/);
  });

  test('outside the guarantee say why', () => {
    const names = ['dock-2', 'climate-cold-2', 'line-2'];
    expect(names.map((name) => guaranteeWords(deviceOf(name)).words)).toEqual([
      'covered',
      'not covered: QoS 0',
      'not covered: polled',
    ]);
  });

  test('are filtered by gateway and by trouble', () => {
    const of = (filter: Parameters<typeof deviceLines>[1]) =>
      deviceLines(fleet, filter, byName).map(({ device }) => device);
    expect(of({ gateway: 'metz-1' })).toEqual(['dock']);
    expect(of({ gateway: 'lyon-1', only: 'trouble' })).toEqual(['counter-3', 'dock-4', 'line-2']);
  });

  test('are sorted by what is asked, what is unknown last', () => {
    const heard = deviceLines(fleet, {}, { key: 'readsPerMinute', order: 'desc' });
    expect(heard[0]?.device).toBe('dock-2');
    const zones = deviceLines(fleet, {}, { key: 'zone', order: 'asc' });
    expect(zones.at(-1)?.zone).toBeUndefined();
  });
});

test('connections that had to be closed are counted by cause, and are trouble', () => {
  const device = deviceOf('gate');
  const cut = { framesCut: 3, notRead: 0, protocolFaults: 1 };
  const said = lineFaultWords({ ...device, lineFaults: cut });
  expect(said).toMatchObject({ tone: 'warn', words: '3 frames cut, 1 × not MQTT' });
  expect(said?.hover).toContain('above 1 MiB 3 times');
  expect(lineFaultWords(device)).toBeUndefined();
  const devices = [{ ...device, lineFaults: cut }];
  expect(deviceLines({ ...fleet, devices }, { only: 'trouble' }, byName)).toHaveLength(1);
});

test('sums count what is known, and are unknown only where nothing is', () => {
  expect(sumKnown([1, null, 2])).toBe(3);
  expect(sumKnown([null, null])).toBeNull();
  expect(fleetFigures(fleet)).toMatchObject({
    gatewaysLive: '2 of 4',
    waiting: 1204,
    waitingUnknown: 1,
    silent: 1,
    quarantined: 3,
    quarantinedAtHub: 2,
  });
});

test('open alerts come gravest first, closed ones not at all', () => {
  const [first] = fleet.alerts;
  if (first === undefined) throw new Error('the fixture has alerts');
  const more = { ...fleet, alerts: [...fleet.alerts, { ...first, id: 'x', open: false }] };
  expect(openAlerts(more).map(({ type }) => type)).toEqual(['excursion', 'silence']);
});
