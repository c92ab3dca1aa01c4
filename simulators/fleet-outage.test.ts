import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { ConfigPush, FleetConfig } from '#contracts/api/config-api.ts';
import { runTool } from './stack/run-tool.ts';
import { eventually, startInstallation, type Installation } from './testing/installation.ts';

const { natsServer } = inject('programs');

const sections = `
configOwner: hub
zones:
  - { id: storage, status: available }
devices:
  - id: shelf
    profile: impinj-r700
    zone: storage
    mqtt: { username: shelf, passwordFile: keys/shelf.password }
    buffers: true
    silentAfterMs: 600000
`;
const ids = ['lyon-1', 'lyon-2', 'lyon-3'];

let site: Installation;
let gateways: Pick<Installation, 'gatewayDir' | 'api' | 'gatewayProcess'>[];

async function addVersion(zone: string): Promise<number> {
  const file = join(site.hubDir, 'pushed.yaml');
  writeFileSync(
    file,
    `zones:\n  - { id: storage, status: available }\n  - { id: ${zone}, status: available }\n`,
  );
  const options = { config: join(site.hubDir, 'hub.yaml'), text: file, note: zone };
  const printed = await runTool({ part: 'hub', command: 'config add', options });
  return (JSON.parse(printed) as { version: number }).version;
}

async function pushed(version: number): Promise<number> {
  const of = { version, gateways: ids, waveSize: 1 };
  return ((await site.hub.post('/api/config/pushes', of)) as { push: number }).push;
}

async function shown(push: number): Promise<ConfigPush> {
  const { pushes } = (await site.hub.get('/api/config/pushes')) as { pushes: ConfigPush[] };
  const found = pushes.find((one) => one.push === push);
  if (found === undefined) throw new Error(`there is no push ${push}`);
  return found;
}

/** What every gateway says is in force, and whether that is what its file holds, whole. */
async function inForce(): Promise<{ zones: string[]; isWhole: boolean }[]> {
  return await Promise.all(
    gateways.map(async ({ api, gatewayDir }) => {
      const view = (await (await api.ask('/config')).json()) as {
        config: { zones: { id: string }[] };
      };
      const zones = view.config.zones.map(({ id }) => id);
      const file = readFileSync(join(gatewayDir, 'gateway.yaml'), 'utf8');
      return { zones, isWhole: zones.every((zone) => file.includes(`id: ${zone}`)) };
    }),
  );
}

describe.skipIf(natsServer === '')('a push in waves without NATS (needs nats-server)', () => {
  beforeAll(async () => {
    site = await startInstallation(sections);
    gateways = [site];
    for (const id of ids.slice(1)) gateways.push(await site.addGateway(id));
    await eventually(async () => {
      const fleet = (await site.hub.get('/api/fleet/config')) as FleetConfig;
      return fleet.gateways.every(({ standing }) => standing === 'none') || undefined;
    });
  }, 180_000);
  afterAll(async () => {
    await site.stop();
  });

  test.each([
    ['yard', 'before anybody has it', 0],
    ['ramp', 'when one has it', 1],
    ['tent', 'when two have it', 2],
  ])(
    '%s: NATS is killed %s; nobody has half of it, and it goes on by itself',
    async (zone, _when, have) => {
      const version = await addVersion(zone);
      const count = ({ gateways: rows }: ConfigPush) => {
        return rows.filter(({ state }) => state === 'applied').length;
      };
      if (have === 0) await stopNats();
      // Whose turn is next stands still meanwhile, else the push may be over before the server is.
      else gateways[have]?.gatewayProcess.signal('SIGSTOP');
      const push = await pushed(version);
      await eventually(async () => count(await shown(push)) >= have || undefined);
      if (have > 0) await stopNats();
      gateways[have]?.gatewayProcess.signal('SIGCONT');
      // It says what it waits for and why that does not come.
      const waiting = await eventually(async () => {
        const one = await shown(push);
        return one.reason?.endsWith('; no connection to NATS') === true ? one : undefined;
      });
      expect(waiting.state).toBe('running');
      expect(waiting.reason).toMatch(/^waits for lyon-[123]/);
      const reached = count(waiting);
      expect(reached).toBeLessThan(ids.length);
      const states = await inForce();
      expect(states.every(({ isWhole }) => isWhole)).toBe(true);
      // Who was not given it has what was before, and who confirmed it has it.
      expect(states.slice(0, reached).every(({ zones }) => zones.includes(zone))).toBe(true);
      const unsent = waiting.gateways.findIndex(({ state }) => state === 'waiting');
      if (unsent >= 0) {
        expect(states.slice(unsent).some(({ zones }) => zones.includes(zone))).toBe(false);
      }
      await site.natsProcess.start();
      const done = await eventually(async () => {
        const one = await shown(push);
        return one.state === 'running' ? undefined : one;
      });
      expect(done).toMatchObject({ state: 'done', reason: null });
      expect(done.gateways.map(({ state }) => state)).toEqual(['applied', 'applied', 'applied']);
      expect(await inForce()).toEqual(ids.map(() => ({ zones: ['storage', zone], isWhole: true })));
      expect(gateways.map(({ gatewayProcess }) => gatewayProcess.restarts)).toEqual([0, 0, 0]);
    },
    120_000,
  );
});

/** As a power cut, and gone until it is started again. */
async function stopNats(): Promise<void> {
  site.natsProcess.kill();
  await site.natsProcess.stop();
}
