import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { parser as createParser, generate } from 'mqtt-packet';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { readIntake } from './intake/intake-store.ts';
import { readJournal } from './journal/read-journal.ts';
import { verifyJournal } from './journal/verify-journal.ts';
import { setUpGateway, startGateway, type GatewaySetup } from './testing/gateway-process.ts';
import { startSmallHub } from './testing/gateway-hub.ts';
import { killSteps } from './testing/kill-at.ts';
import { tempDir, until } from './testing/test-parts.ts';

const { natsServer } = inject('programs');
const killer = new URL('testing/kill-at.ts', import.meta.url).pathname;
const tags = 60;

function connectPacket(id: string): Buffer {
  const password = Buffer.from(`${id}-secret`);
  return generate({ cmd: 'connect', clientId: id, clean: false, username: id, password });
}

function readOf(id: string, tag: number): Buffer {
  const epcHex = epcOf(tag);
  const event = { eventType: 'tagInventory', tagInventoryEvent: { epcHex, antennaPort: 1 } };
  const payload = JSON.stringify(event);
  const flags = { qos: 1, dup: false, retain: false } as const;
  return generate({ cmd: 'publish', topic: id, payload, messageId: tag, ...flags });
}

function epcOf(tag: number): string {
  return `3074257BF710${tag.toString(16).toUpperCase().padStart(12, '0')}`;
}

/**
 * A reader that keeps what nobody acknowledged: it has two messages on their way, dials again when
 * its connection ends, and sends both again.
 */
function startReader({ mqttPort: port }: GatewaySetup) {
  const id = 'reader-0';
  const waiting = new Set([1, 2]);
  const acknowledged: string[] = [];
  let isOver = false;
  onTestFinished(() => void (isOver = true));
  const dial = () => {
    if (isOver) return;
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    onTestFinished(() => void socket.destroy());
    const parser = createParser();
    const send = (tag: number) => tag <= tags && socket.write(readOf(id, tag));
    parser.on('packet', (packet) => {
      if (packet.cmd === 'connack' && packet.returnCode !== 0) socket.destroy();
      else if (packet.cmd === 'connack') for (const tag of waiting) send(tag);
      if (packet.cmd !== 'puback' || !waiting.delete(packet.messageId ?? 0)) return;
      acknowledged.push(epcOf(packet.messageId ?? 0));
      waiting.add((packet.messageId ?? 0) + 2);
      send((packet.messageId ?? 0) + 2);
    });
    socket.on('data', (chunk: Buffer) => parser.parse(chunk));
    socket.on('error', () => {});
    socket.once('close', () => setTimeout(dial, 20));
    socket.write(connectPacket(id));
  };
  dial();
  return { acknowledged };
}

function keptEpcs(dataDir: string): string[] {
  return [...readIntake(join(dataDir, 'intake.db'))].flatMap(({ body }) => {
    if (body.type !== 'message') return [];
    const text = Buffer.from(body.payload).toString();
    return [/"epcHex":"([0-9A-F]+)"/.exec(text)?.[1] ?? ''];
  });
}

describe.skipIf(natsServer === '')('a gateway that dies (needs nats-server)', () => {
  test.each(killSteps)(
    'at step %s has all that it acknowledged, and the hub has each event once',
    { timeout: 60_000 },
    async (step) => {
      const dir = tempDir();
      const setup = await setUpGateway(dir, { readers: 1 });
      const { hub } = await startSmallHub(dir, setup);
      const killed = await startGateway(setup, {
        nodeFlags: ['--import', killer],
        env: { HOLDFAST_TEST_KILL_AT: `${step}:2` },
      });
      const ended = once(killed.child, 'exit');
      const reader = startReader(setup);
      expect(await ended).toEqual([null, 'SIGKILL']);

      const gateway = await startGateway(setup);
      await until(() => reader.acknowledged.length === tags);
      await until(async () => (await gateway.health()).intake.backlog === 0);
      const journal = () => [...readJournal(setup.dataDir)];
      await until(() => hub.events.length === journal().length);
      expect(await gateway.end('SIGTERM')).toBe(0);

      const kept = keptEpcs(setup.dataDir);
      expect(reader.acknowledged.filter((epc) => !kept.includes(epc))).toEqual([]);
      expect(await verifyJournal(setup.dataDir)).toMatchObject({ ok: true });
      const events = journal().map(({ header, payload }) => `${header}\n${payload}`);
      const told = (kind: string) => events.filter((event) => event.includes(`"kind":"${kind}"`));
      expect(told('tag.appeared')).toHaveLength(tags);
      expect(told('gateway.started')).toHaveLength(2);
      expect(hub.events).toEqual(events.slice(0, hub.events.length));
      expect(hub.faults).toEqual([]);
    },
  );
});
