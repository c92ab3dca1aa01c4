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
/** Between a tag and the next: no batch of the uplink holds all that the reader will send. */
const paceMs = 5;

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
 * its connection ends, and sends both again. It reads new tags until `finish`, so that the step at
 * which its gateway dies comes on any machine.
 */
function startReader({ mqttPort: port }: GatewaySetup) {
  const id = 'reader-0';
  const waiting = new Set([1, 2]);
  const acknowledged: string[] = [];
  let [isFinishing, isOver] = [false, false];
  onTestFinished(() => void (isOver = true));
  const dial = () => {
    if (isOver) return;
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    onTestFinished(() => void socket.destroy());
    const parser = createParser();
    const send = (tag: number) => socket.write(readOf(id, tag));
    const sendNext = (tag: number) => {
      if (isFinishing) return;
      waiting.add(tag);
      send(tag);
    };
    parser.on('packet', (packet) => {
      if (packet.cmd === 'connack' && packet.returnCode !== 0) socket.destroy();
      else if (packet.cmd === 'connack') for (const tag of waiting) send(tag);
      if (packet.cmd !== 'puback' || !waiting.delete(packet.messageId ?? 0)) return;
      acknowledged.push(epcOf(packet.messageId ?? 0));
      setTimeout(sendNext, paceMs, (packet.messageId ?? 0) + 2);
    });
    socket.on('data', (chunk: Buffer) => parser.parse(chunk));
    socket.on('error', () => {});
    socket.once('close', () => setTimeout(dial, 20));
    socket.write(connectPacket(id));
  };
  dial();
  return {
    acknowledged,
    finish: () => void (isFinishing = true),
    hasAll: () => waiting.size === 0,
  };
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

      const beforeDeath = reader.acknowledged.length;
      const gateway = await startGateway(setup);
      await until(() => reader.acknowledged.length > beforeDeath + 20);
      reader.finish();
      await until(reader.hasAll);
      await until(async () => (await gateway.health()).intake.backlog === 0);
      const journal = () => [...readJournal(setup.dataDir)];
      await until(() => hub.events.length === journal().length);
      expect(await gateway.end('SIGTERM')).toBe(0);

      const kept = new Set(keptEpcs(setup.dataDir));
      expect(reader.acknowledged.filter((epc) => !kept.has(epc))).toEqual([]);
      expect(await verifyJournal(setup.dataDir)).toMatchObject({ ok: true });
      const events = journal().map(({ header, payload }) => `${header}\n${payload}`);
      const told = (kind: string) => events.filter((event) => event.includes(`"kind":"${kind}"`));
      expect(told('tag.appeared')).toHaveLength(reader.acknowledged.length);
      expect(told('gateway.started')).toHaveLength(2);
      expect(hub.events).toEqual(events.slice(0, hub.events.length));
      expect(hub.faults).toEqual([]);
    },
  );
});
