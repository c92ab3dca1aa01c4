import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Fault } from '#contracts/fault.ts';
import type { DeviceHealth } from '#contracts/now-lane.ts';
import { profileOf } from '../../../devices/registry.ts';
import { checkConfigText } from '../../config/load-config.ts';
import type { IntakeBody } from '../../intake/intake-entry.ts';
import { ConfigApplier } from '../../live/config-applier.ts';
import { liveSettings } from '../../live/live-settings.ts';
import { stageFile } from '../../live/staged-file.ts';
import { createTestLog, FakeClock, tempDir } from '../../testing/test-parts.ts';
import type { TargetOutcome } from '../downlink-target.ts';
import { HubConfig } from '../hub-config.ts';

/** The file of a gateway whose config the hub owns. */
export const own = `gateway: { tenant: main, site: hamburg, id: gw-1 }
configOwner: hub
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
zones: [{ id: dock, status: receiving }]
portals: []
devices:
  - id: shelf
    profile: impinj-r700
    zone: dock
    mqtt: { username: shelf, passwordFile: keys/secret }
    buffers: true
    silentAfterMs: 60000
`;
export const yard = 'zones: [{ id: dock, status: receiving }, { id: yard, status: available }]\n';
export const renamed = yard.concat(
  'devices:\n  - { id: shelf, profile: impinj-r700, zone: yard, buffers: true, silentAfterMs: 60000,',
  ' mqtt: { username: other, passwordFile: keys/secret } }\n',
);

export function healthOf(connected: boolean): DeviceHealth {
  return {
    device: 'shelf',
    connected,
    covered: true,
    profile: 'impinj-r700',
    quarantined: 0,
    readsPerMinute: 0,
    silent: false,
  };
}

/** What a process holds; everything else outlives it. */
interface Process {
  readonly target: HubConfig;
  readonly applier: ConfigApplier;
}

/** A gateway's config in a folder of its own, with parts that do what they are told. */
export function setUp(text = own) {
  const dir = tempDir();
  for (const folder of ['keys', 'data']) mkdirSync(join(dir, folder));
  writeFileSync(join(dir, 'keys', 'secret'), 'secret', { mode: 0o600 });
  const file = join(dir, 'gateway.yaml');
  writeFileSync(file, text);
  const fileText = () => readFileSync(file, 'utf8');
  const check = (given = fileText()) => checkConfigText(given, file, profileOf);
  const entries: IntakeBody[] = [];
  const said: [number, TargetOutcome][] = [];
  const devices = { list: [healthOf(true)] };
  /** Whether the gateway dies at an entry of this type: nothing behind it happens any more. */
  const dies: { at?: IntakeBody['type'] } = {};
  const clock = new FakeClock();
  const { log } = createTestLog();
  const append = async (body: IntakeBody) => {
    if (dies.at === body.type) throw new Fault('UNAVAILABLE', 'the disk has no room');
    entries.push(body);
    await Promise.resolve();
  };
  const newProcess = (): Process => {
    const { config, faults } = check();
    if (config === undefined) throw new Error(JSON.stringify(faults));
    const applier = new ConfigApplier({
      file,
      check,
      settings: liveSettings(config),
      parts: { listeners: () => Promise.resolve(), append, devices: () => Promise.resolve() },
      keep: () => undefined,
      stage: (staged) => stageFile(file, staged),
      bars: (origin) => target.bars(origin),
      clock,
      log,
    });
    const target = new HubConfig({
      dataDir: join(dir, 'data'),
      source: { file, check },
      applier,
      append,
      devices: () => devices.list,
      say: (seq, outcome) => void said.push([seq, outcome]),
      changed: () => undefined,
      clock,
      log,
    });
    onTestFinished(() => target.stop());
    return { applier, target };
  };
  const first = newProcess();
  let starts = 0;
  /** The second time it is a process of its own, with what is on disk. */
  const start = (): HubConfig => {
    starts += 1;
    const { target } = starts === 1 ? first : newProcess();
    target.start();
    return target;
  };
  const take = (target: HubConfig, seq: number, content: string) =>
    target.take({ seq, atMs: 0, content });
  const { applier } = first;
  return { applier, clock, devices, dies, entries, fileText, said, start, take };
}
