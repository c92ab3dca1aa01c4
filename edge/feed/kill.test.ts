import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { expect, onTestFinished, test } from 'vitest';
import { readJournal } from '../journal/read-journal.ts';
import { setUpGateway, startGateway } from '../testing/gateway-process.ts';
import { tempDir, until } from '../testing/test-parts.ts';

/** A system that gets events, is slow to answer, and drops what it is told to. */
async function startSystem() {
  const got: string[] = [];
  let dropped = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += String(part)));
    request.on('end', () => {
      const { events } = JSON.parse(body) as { events: { id: string }[] };
      got.push(...events.map(({ id }) => id));
      // Taken, and the answer is lost: between the delivery and the cursor.
      if (got.length % 7 === 0 && (dropped += 1) < 5) request.socket.destroy();
      else response.writeHead(204).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

test(
  'a gateway that is killed feeds each target all events in order',
  { timeout: 60_000 },
  async () => {
    const dir = tempDir();
    const setup = await setUpGateway(dir);
    const system = await startSystem();
    const folder = join(dir, 'out');
    mkdirSync(folder);
    writeFileSync(join(dir, 'keys', 'wms.secret'), 'a secret', { mode: 0o600 });
    const config = JSON.parse(readFileSync(setup.file, 'utf8')) as Record<string, unknown>;
    const targets = [
      { id: 'hook', webhook: { url: system.url, secretFile: 'keys/wms.secret', batchEvents: 5 } },
      { id: 'file', file: { folder, rotateBytes: 20_000 } },
      { id: 'away', webhook: { url: 'http://127.0.0.1:3/', secretFile: 'keys/wms.secret' } },
    ];
    writeFileSync(setup.file, JSON.stringify({ ...config, feed: { targets } }));
    const fileIds = () =>
      readdirSync(folder)
        .sort(
          (a, b) => Number(a === 'events.ndjson') - Number(b === 'events.ndjson') || order(a, b),
        )
        .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1))
        .map((line) => (JSON.parse(line) as { id: string }).id);

    let gateway = await startGateway(setup);
    for (let kill = 0; kill < 2; kill += 1) {
      const enough = system.got.length + 60;
      const client = mqtt.connect({
        port: setup.mqttPort,
        host: '127.0.0.1',
        username: 'reader-0',
        password: 'reader-0-secret',
        clientId: 'reader-0',
        reconnectPeriod: 0,
      });
      client.on('error', () => {});
      let serial = kill * 1000;
      const send = () => {
        serial += 1;
        const epcHex = `3074257BF710${serial.toString(16).toUpperCase().padStart(12, '0')}`;
        const event = { eventType: 'tagInventory', tagInventoryEvent: { epcHex, antennaPort: 1 } };
        client.publish('reader-0', JSON.stringify(event), { qos: 1 }, (error) => {
          if (!error) setImmediate(send);
        });
      };
      client.once('connect', send);
      await until(() => system.got.length >= enough);
      await gateway.end('SIGKILL');
      client.end(true);
      gateway = await startGateway(setup);
    }
    const head = () => [...readJournal(setup.dataDir)].at(-1)?.seq ?? 0;
    await until(() => {
      const last = `gw-1/1/${head()}`;
      return system.got.at(-1) === last && fileIds().at(-1) === last;
    });
    const health = (await gateway.health()) as unknown as {
      feed: { target: string; state: string }[];
    };
    expect(health.feed.map(({ target, state }) => [target, state])).toEqual([
      ['hook', 'current'],
      ['file', 'current'],
      ['away', 'failing'],
    ]);
    expect(await gateway.end('SIGTERM')).toBe(0);
    const all = [...readJournal(setup.dataDir)].map(({ seq }) => `gw-1/1/${seq}`);
    expect([...new Set(system.got)].slice(0, all.length)).toEqual(
      all.slice(0, new Set(system.got).size),
    );
    expect([...new Set(fileIds())]).toEqual(all.slice(0, new Set(fileIds()).size));
    expect(new Set(system.got).size).toBeGreaterThan(120);
  },
);

function order(a: string, b: string): number {
  const seqOf = (name: string) => Number(/-(\d+)\.ndjson$/.exec(name)?.[1] ?? 0);
  return seqOf(a) - seqOf(b);
}
