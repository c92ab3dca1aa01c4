import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Canonical } from '#contracts/canonical.ts';
import { unreadableTime } from '#contracts/time.ts';
import { createOpcUaDriver } from '../plc/opcua-driver.ts';
import type { OpcUaDriver } from '../plc/opcua-driver.ts';
import { encodeOpcUaEvent, serverEvents } from '../plc/opcua-event.ts';
import { recordSink } from '../plc/testing/record-sink.ts';
import { startServerProcess } from '../plc/testing/start-server-process.ts';
import type { ServerProcess } from '../plc/testing/start-server-process.ts';
import type { Decoded } from '../profile.ts';
import { autoIdRfid } from './profile.ts';
import { rfidScanEvents } from './scan-events.ts';

const epc = '3034257BF7194E4000001A85';

function decode(payload: Uint8Array): Decoded {
  return autoIdRfid.decode(null, { channel: 'scans', payload, receivedAtMs: 0 }).decoded;
}

describe('against a reader that shares no code with it', () => {
  const program = fileURLToPath(new URL('fixtures/foreign-reader.mjs', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'autoid-'));
  let reader: ServerProcess<'reader'>;
  let driver: OpcUaDriver | undefined;

  beforeAll(async () => {
    const args = ['--pki', join(folder, 'reader'), '--namespace', 'urn:another:first'];
    reader = await startServerProcess(program, args);
  }, 30_000);

  afterAll(async () => {
    await driver?.stop();
    await reader.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  test('its scans are tag readings, one for each antenna', async () => {
    const recording = recordSink();
    driver = createOpcUaDriver(
      {
        device: 'dock',
        endpoint: reader.endpoint,
        samplingMs: 50,
        queueSize: 1000,
        tags: [],
        sources: [{ name: 'scans', node: reader.nodes.reader, events: rfidScanEvents }],
        pkiDir: join(folder, 'gateway'),
        owner: { site: 'lyon', gateway: 'gw-1' },
        trustFirst: true,
        clock: { nowMs: () => Date.now(), monotonicMs: () => performance.now() },
        log: pino({ level: 'silent' }),
      },
      recording.sink,
    );
    await driver.start();
    await recording.until(() => recording.told.some((one) => one.type === 'connection'));
    const startedMs = Date.now();
    await reader.tell(`scan ${epc} 1:-55 1:-48 2:-61`);
    await reader.tell('bytes e2801160');
    await reader.tell('text not-a-tag');
    await recording.until(() => recording.payloads.length === 3);
    const [scan, bytes, text] = recording.payloads.map(({ payload }) => decode(payload));
    expect(scan).toMatchObject({
      ok: true,
      readings: [
        { type: 'tag', epc, antenna: 1, reads: 2, rssiCdbm: -4800 },
        { type: 'tag', epc, antenna: 2, reads: 1, rssiCdbm: -6100 },
      ],
    });
    const [first] = scan?.ok === true ? scan.readings : [];
    expect(first?.claimedMs).toBeGreaterThanOrEqual(startedMs - 1000);
    expect(bytes).toMatchObject({ ok: true, readings: [{ epc: 'E2801160', reads: 1 }] });
    expect(text).toMatchObject({ ok: false, reason: 'unknown-message' });
    expect(recording.faults()).toEqual([]);
  }, 30_000);
});

describe('scan events', () => {
  test('of which one result cannot be read give the others, and name it', () => {
    const scanResult = [{ ScanData: { String: epc } }, { ScanData: {} }, 'x'];
    const payload = new TextEncoder().encode(JSON.stringify({ event: { scanResult } }));
    expect(decode(payload)).toMatchObject({
      ok: true,
      readings: [{ epc }],
      refused: [{ index: 1 }, { index: 2 }],
    });
  });

  const scan = (...results: Canonical[]): Decoded =>
    decode(encodeOpcUaEvent({ time: '2026-01-01T00:00:00.000Z', scanResult: results }));
  const sighting = { Antenna: 3, Strength: -50, Timestamp: '2026-01-01T00:00:01.000Z' };

  test('every result of a scan is read', () => {
    const one = { ScanData: { Epc: { UId: epc } }, Sighting: [sighting] };
    const other = { ScanData: { String: `urn:epc:raw:96.x${epc}` } };
    expect(scan(one, other)).toMatchObject({
      readings: [
        { epc, antenna: 3, claimedMs: Date.UTC(2026, 0, 1, 0, 0, 1) },
        { epc, reads: 1, claimedMs: Date.UTC(2026, 0, 1) },
      ],
    });
  });

  test('a time that cannot be read is none that was not said', () => {
    const at = (Timestamp: string) => {
      const result = { ScanData: { Epc: { UId: epc } }, Sighting: [{ Timestamp }] };
      const decoded = decode(encodeOpcUaEvent({ scanResult: [result] }));
      return decoded.ok ? decoded.readings.map(({ claimedMs }) => claimedMs) : decoded;
    };
    expect(at('2026-01-01T00:00:01')).toEqual([unreadableTime]);
    expect(at('1601-01-01T00:00:00.000Z')).toEqual([undefined]);
  });

  test('a strength of another unit than dBm is left out', () => {
    const decoded = scan({
      ScanData: { Epc: { UId: epc } },
      Sighting: [{ ...sighting, Strength: 200 }],
    });
    expect(decoded.ok ? decoded.readings[0] : undefined).not.toHaveProperty('rssiCdbm');
  });

  test.each<[string, Canonical]>([
    ['nothing', null],
    ['no structure', 7],
    ['no data', {}],
    ['an id of half a byte', { ScanData: { String: 'ABC' } }],
    ['a structure of the vendor', { ScanData: { Custom: { Id: 1 } } }],
  ])('%s in place of a tag is refused', (_what, result) => {
    expect(scan(result)).toMatchObject({ ok: false });
  });

  test('the server’s word that its queue ran over is no scan', () => {
    expect(decode(encodeOpcUaEvent({ type: serverEvents.queueOverflow }))).toEqual({
      ok: true,
      readings: [],
    });
  });

  test('other payloads are refused, never thrown', () => {
    for (const payload of [new Uint8Array(), new TextEncoder().encode('{"status":0}')]) {
      expect(decode(payload).ok).toBe(false);
    }
  });
});
