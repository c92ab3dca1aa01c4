import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import mqtt from 'mqtt';
import { describe, expect, onTestFinished, test } from 'vitest';
import { correctedTimes } from '#contracts/corrected-times.ts';
import type { EventHeader } from '#contracts/envelope.ts';
import type { EventPayload } from '#contracts/event-kinds.ts';
import { readJournal } from './journal/read-journal.ts';
import { verifyJournal } from './journal/verify-journal.ts';
import { setUpGateway, startGateway, type GatewaySetup } from './testing/gateway-process.ts';
import { freePort } from '#contracts/testing/free-port.ts';
import { testCertificates } from './testing/test-certificates.ts';
import { tempDir, until } from './testing/test-parts.ts';

/** Of Debian's package; elsewhere where `HOLDFAST_LIBFAKETIME` says. */
const [library] = [
  ...(process.env['HOLDFAST_LIBFAKETIME'] ?? '').split(':').filter((path) => path !== ''),
  ...globSync('/usr/lib/*/faketime/libfaketimeMT.so.1'),
];
const hourS = 3600;

/** A machine whose wall clock is bent, while its monotonic one goes on. */
function bentClock(dir: string) {
  const file = join(dir, 'faketime');
  /** @param offsetS seconds beside the real time */
  const bend = (offsetS: number) => writeFileSync(file, `${offsetS < 0 ? '' : '+'}${offsetS}\n`);
  const env = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  };
  return { bend, env };
}

/** Back to the first minute of 1970. */
const to1970S = () => -Math.floor(Date.now() / 1000) + 30;

/** A gateway that takes `reader-0` by its certificate alone, and that reader. */
async function withReader(dir: string) {
  const setup = await setUpGateway(dir);
  const make = testCertificates(dir);
  const ca = make({ commonName: 'Plant CA', kind: 'ca' });
  const [server, device] = [
    make({ commonName: 'gateway', kind: 'server', by: ca }),
    make({ commonName: 'reader-0', by: ca }),
  ];
  const port = await freePort();
  const config = JSON.parse(readFileSync(setup.file, 'utf8')) as {
    mqtt: object;
    devices: { id: string; mqtt: object }[];
  };
  const tls = { port, certFile: server.certFile, keyFile: server.keyFile };
  config.mqtt = {
    ...config.mqtt,
    tls: { ...tls, clientCaFile: ca.certFile, requireClientCertificate: true },
  };
  for (const one of config.devices) {
    if (one.id === 'reader-0') one.mqtt = { certificate: { commonName: 'reader-0' } };
  }
  writeFileSync(setup.file, JSON.stringify(config));
  let serial = 0;
  const send = async (timestamp?: string): Promise<string> => {
    serial += 1;
    const epcHex = `3074257BF710${serial.toString(16).toUpperCase().padStart(12, '0')}`;
    const event = { eventType: 'tagInventory', timestamp, tagInventoryEvent: { epcHex } };
    const { cert, key } = { cert: device.pem, key: device.key };
    const url = `mqtts://127.0.0.1:${port}`;
    const client = await mqtt.connectAsync(url, { cert, key, ca: ca.pem, clientId: 'reader-0' });
    onTestFinished(() => void client.end(true));
    await client.publishAsync('reader-0', JSON.stringify(event), { qos: 1 });
    await client.endAsync();
    return epcHex;
  };
  return { send, setup };
}

interface Journalled {
  readonly header: EventHeader;
  readonly payload: Record<string, unknown>;
}

function journalOf({ dataDir }: GatewaySetup): Journalled[] {
  return [...readJournal(dataDir)].map(({ header, payload }) => ({
    header: JSON.parse(header) as EventHeader,
    payload: JSON.parse(payload) as Record<string, unknown>,
  }));
}

const ofKind = (events: readonly Journalled[], kind: string) =>
  events.filter(({ header }) => header.kind === kind);
const of = (events: readonly Journalled[], epc: string) =>
  events.find(({ header, payload }) => header.kind === 'tag.appeared' && payload['epc'] === epc);

interface Health {
  readonly clock?: { readonly reason: string; readonly behindMs: number };
}

async function settled(gateway: Awaited<ReturnType<typeof startGateway>>): Promise<void> {
  await until(async () => (await gateway.health()).intake.backlog === 0);
}

describe.skipIf(library === undefined)(
  'a gateway whose machine clock is bent (libfaketime)',
  () => {
    test(
      'boots in 1970, takes a reader by mutual TLS, marks its reads, and is set right',
      { timeout: 60_000 },
      async () => {
        const dir = tempDir();
        const { send, setup } = await withReader(dir);
        const { bend, env } = bentClock(dir);
        bend(to1970S());
        const gateway = await startGateway(setup, { env });
        await until(async () => ((await gateway.health()) as Health).clock?.reason === 'unset');
        const claimedMs = Date.now();
        const early = await send(new Date(claimedMs).toISOString());
        const timeless = await send();
        await settled(gateway);
        bend(0);
        await until(async () => ((await gateway.health()) as Health).clock === undefined);
        const late = await send(new Date().toISOString());
        await settled(gateway);
        expect(await gateway.end('SIGTERM')).toBe(0);

        const events = journalOf(setup);
        expect(of(events, early)?.header).toMatchObject({
          timeQuality: 'unjudged',
          claimedAt: claimedMs,
        });
        expect(of(events, early)?.header.receivedAt).toBeLessThan(24 * hourS * 1000);
        expect(of(events, late)?.header.timeQuality).toBe('device');
        const [trusted] = ofKind(events, 'gateway.clock-trusted');
        const payload = trusted?.payload as EventPayload<'gateway.clock-trusted'>;
        const headerOf = (epc: string) => of(events, epc)?.header as EventHeader;
        const early2 = correctedTimes(headerOf(early), payload);
        expect(early2).toMatchObject({ occurredAt: claimedMs, timeQuality: 'device' });
        // To the second: libfaketime bends by whole ones.
        const timeless2 = correctedTimes(headerOf(timeless), payload);
        expect(Math.abs((timeless2?.receivedAt ?? 0) - claimedMs)).toBeLessThan(15_000);
        expect(await verifyJournal(setup.dataDir)).toMatchObject({ ok: true });
      },
    );

    test('says a jump by an hour, there and back', { timeout: 60_000 }, async () => {
      const dir = tempDir();
      const { send, setup } = await withReader(dir);
      const { bend, env } = bentClock(dir);
      bend(0);
      const gateway = await startGateway(setup, { env });
      const health = async () => ((await gateway.health()) as Health).clock?.reason;
      expect(await health()).toBeUndefined();
      const first = await send(new Date().toISOString());
      bend(-hourS);
      await until(async () => (await health()) === 'behind');
      const doubted = await send(new Date().toISOString());
      await settled(gateway);
      bend(0);
      await until(async () => (await health()) === undefined);
      bend(hourS);
      await until(() => ofKind(journalOf(setup), 'gateway.clock-stepped').length === 3);
      await settled(gateway);
      expect(await gateway.end('SIGTERM')).toBe(0);

      const events = journalOf(setup);
      const steps = ofKind(events, 'gateway.clock-stepped').map(({ payload }) => {
        return Math.round(Number(payload['byMs']) / 1000);
      });
      expect(steps).toEqual([-hourS, hourS, hourS]);
      expect(of(events, first)?.header.timeQuality).toBe('device');
      expect(of(events, doubted)?.header.timeQuality).toBe('unjudged');
      const received = events.map(({ header }) => header.receivedAt);
      expect(received).toEqual(received.toSorted((a, b) => a - b));
    });
  },
);
