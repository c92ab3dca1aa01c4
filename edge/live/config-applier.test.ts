import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Fault } from '#contracts/fault.ts';
import { profileOf } from '../../devices/registry.ts';
import { checkConfigText } from '../config/load-config.ts';
import type { IntakeBody } from '../intake/intake-entry.ts';
import { createTestLog, FakeClock, tempDir } from '../testing/test-parts.ts';
import { ConfigApplier } from './config-applier.ts';
import type { KeptConfig } from './kept-config.ts';
import { liveSettings } from './live-settings.ts';

const text = (zone: string) => `
gateway: { tenant: main, site: hamburg, id: gw-1 }
dataDir: data
hub:
  servers: [nats://hub:4222]
  loginSeedFile: keys/secret
  signingKeyFile: keys/secret
  publicKey: ${Buffer.alloc(32, 1).toString('base64')}
mqtt: { host: 127.0.0.1, port: 20001, maxConnections: 10 }
http: { host: 127.0.0.1, port: 20002, tokenFile: keys/secret }
disk: { intakeBudgetBytes: 2000000, floorBytes: 2000000, reserveBytes: 2000000 }
observe: { minReads: 1, absentAfterMs: 1000, moveReads: 1, passWindowMs: 1000 }
posting: { receive: post, move: post, ship: task, confirmReads: 3 }
zones: [{ id: ${zone}, status: receiving }]
portals: []
devices: []
`;

/** An applier whose parts do nothing but what they are told to fail at. */
function setUp() {
  const dir = tempDir();
  mkdirSync(join(dir, 'keys'));
  writeFileSync(join(dir, 'keys', 'secret'), 'secret', { mode: 0o600 });
  const file = join(dir, 'gateway.yaml');
  const check = (given = text('dock')) => checkConfigText(given, file, profileOf);
  const { config } = check();
  if (config === undefined) throw new Error('the config of the test has faults');
  const calls: string[] = [];
  const failAt = new Set<string>();
  const call = async (what: string) => {
    calls.push(what);
    if (failAt.delete(what)) throw new Fault('UNAVAILABLE', `${what} failed`);
    await Promise.resolve();
  };
  const zoneOf = (body: IntakeBody) =>
    body.type === 'config' ? (/"id":"(dock|yard)"/.exec(body.config)?.[1] ?? '') : body.type;
  const kept: KeptConfig[] = [];
  const clock = new FakeClock();
  const applier = new ConfigApplier({
    file,
    check,
    settings: liveSettings(config),
    parts: {
      listeners: (_diff, _from, to) => call(`listeners ${to.config.zones[0]?.id}`),
      append: (body) => call(`entry ${zoneOf(body)}`),
      devices: (_diff, to) => call(`devices ${to.config.zones[0]?.id}`),
    },
    keep: (what) => void kept.push(what),
    stage: () => ({
      commit: () => void calls.push('file written'),
      discard: () => void calls.push('file dropped'),
    }),
    clock,
    log: createTestLog().log,
  });
  return { applier, calls, failAt, kept, zone: () => applier.settings.config.zones[0]?.id };
}

test('a config is in the intake log before a device is touched, and in the file at the end', async () => {
  const { applier, calls, kept, zone } = setUp();
  expect(await applier.apply(text('yard'), 'file')).toMatchObject({ ok: true });
  expect(calls).toEqual(['listeners yard', 'entry yard', 'devices yard', 'file written']);
  expect(zone()).toBe('yard');
  expect(kept).toMatchObject([{ config: { zones: [{ id: 'yard' }] } }]);
});

test.each([
  ['listeners yard', ['listeners yard']],
  ['entry yard', ['listeners yard', 'entry yard', 'listeners dock']],
  [
    'devices yard',
    [
      'listeners yard',
      'entry yard',
      'devices yard',
      'devices dock',
      'entry dock',
      'listeners dock',
    ],
  ],
])('a failure at %s puts back all that was changed', async (failing, expected) => {
  const { applier, calls, failAt, kept, zone } = setUp();
  failAt.add(failing);
  const result = await applier.apply(text('yard'), 'file');
  expect(result).toMatchObject({ ok: false, refusal: { code: 'UNAVAILABLE' } });
  expect(calls).toEqual([...expected, 'file dropped', 'entry config-refused']);
  expect(zone()).toBe('dock');
  expect(kept).toEqual([]);
  expect(applier.view().refused?.message).toContain(`${failing} failed`);
});

test('configs that come at once are put in force one after the other', async () => {
  const { applier, calls, zone } = setUp();
  const all = ['yard', 'dock', 'yard'].map((one) => applier.apply(text(one), 'file'));
  expect((await Promise.all(all)).every(({ ok }) => ok)).toBe(true);
  expect(calls.filter((one) => one.startsWith('devices'))).toEqual([
    'devices yard',
    'devices dock',
    'devices yard',
  ]);
  expect(zone()).toBe('yard');
});
