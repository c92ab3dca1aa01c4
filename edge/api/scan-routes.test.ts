import { hash } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { scanDigest, scansRemembered } from '#contracts/remembered.ts';
import { httpScanner } from '../../devices/scanner/profile.ts';
import { HttpIntake, httpDevice } from '../intake/http-intake.ts';
import { DeviceNotes } from '../intake/device-notes.ts';
import { DeviceRates } from '../intake/device-rates.ts';
import { openIntakeLog } from '../intake/open-intake-log.ts';
import { SeenScans } from '../observe/seen-scans.ts';
import type { StateRow } from '../observe/state-row.ts';
import { createTestLog, FakeClock, tempDir, until } from '../testing/test-parts.ts';
import { createGatewayApi } from './gateway-api.ts';
import { ScanIds } from './scan-ids.ts';

const mebibyte = 1_048_576;
const good = { id: 'scan-0001', code: '(01)09521234543213' };

/** A gateway's HTTP with two scanners in front of a real intake log. */
async function startDoor(stored: readonly StateRow[] = []) {
  const disk = { freeBytes: 1000 * mebibyte };
  const clock = new FakeClock();
  const { log, said } = createTestLog();
  const intake = openIntakeLog({
    path: join(tempDir(), 'intake.db'),
    budgetBytes: 100 * mebibyte,
    floorBytes: mebibyte,
    freeBytes: () => disk.freeBytes,
    clock,
    log,
    fatal: (error) => expect(error).toBeUndefined(),
  });
  const door = new HttpIntake({
    devices: ['gun-1', 'gun-2'].map((id) => httpDevice(id, httpScanner, `${id}-token`)),
    intake,
    clock,
  });
  door.start();
  const notes = new DeviceNotes({ intake, clock });
  const rates = new DeviceRates({ clock, notes });
  const api = createGatewayApi({
    host: '127.0.0.1',
    port: 0,
    token: 'the-token',
    log,
    source: {
      status: () => {
        throw new Error('nobody asks');
      },
      quarantine: () => [],
    },
    scans: { intake: door, rates, clock, ids: new ScanIds(() => stored) },
  });
  const port = await api.start();
  onTestFinished(async () => {
    await api.stop();
    intake.close();
  });
  const post = (text: string, token = 'gun-1-token', type = 'application/json') =>
    fetch(`http://127.0.0.1:${port}/scans`, {
      method: 'POST',
      // Text would be sent as such: bytes come without a type where none is given.
      body: Buffer.from(text),
      headers: { authorization: `Bearer ${token}`, ...(type !== '' && { 'content-type': type }) },
    });
  const taken = () =>
    intake.readFrom(1, 1000).flatMap(({ body }) => (body.type === 'message' ? [body] : []));
  return { clock, disk, door, intake, port, post, rates, said, taken };
}

describe('what scanners post', () => {
  test('is in the intake log on disk when it is answered', async () => {
    const { post, taken } = await startDoor();
    const body = JSON.stringify(good);
    const answer = await post(body);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ durable: true, scans: 1 });
    expect(taken()).toEqual([
      { type: 'message', device: 'gun-1', channel: 'scans', qos: 1, payload: Buffer.from(body) },
    ]);
  });

  test('is answered alike when it is sent again', async () => {
    const { post, taken } = await startDoor();
    const body = `${JSON.stringify(good)}\n${JSON.stringify({ id: 'scan-0002', code: 'A' })}`;
    const first = await post(body);
    const second = await post(body);
    expect([second.status, await second.json()]).toEqual([first.status, await first.json()]);
    expect(taken()).toHaveLength(2);
  });

  test('counts also where another of the same message cannot be read, which is named', async () => {
    const { post, taken } = await startDoor();
    const answer = await post(JSON.stringify([good, { id: 'scan-0002', code: '' }]));
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      durable: true,
      scans: 1,
      refused: [{ index: 1, id: 'scan-0002', reason: 'wrong-type' }],
    });
    expect(taken()).toHaveLength(1);
  });

  test('under an id that stood for another code is refused, and kept for the quarantine', async () => {
    const { clock, post, taken } = await startDoor();
    await post(JSON.stringify(good));
    const firstAtMs = clock.nowMs();
    clock.advance(60_000);
    const other = { ...good, code: '(01)04012345000009' };
    const answer = await post(JSON.stringify(other));
    expect(answer.status).toBe(409);
    const said = (await answer.json()) as { message: string };
    expect(said).toMatchObject({
      code: 'CONFLICT',
      retryable: false,
      reason: 'id-used-before',
      id: good.id,
      firstAtMs,
    });
    expect(said.message).toContain(new Date(firstAtMs).toISOString());
    expect(said.message).toContain('make a new id for each scan');
    expect((await post(JSON.stringify(good))).status).toBe(200);
    expect((await post(JSON.stringify(other), 'gun-2-token')).status).toBe(200);
    expect(taken()).toHaveLength(4);
    const mixed = [{ id: 'scan-0002', code: '' }, other, { id: 'scan-0003', code: 'B' }];
    const among = await post(JSON.stringify(mixed));
    expect(among.status).toBe(200);
    expect(await among.json()).toMatchObject({
      scans: 1,
      refused: [
        { index: 0, id: 'scan-0002' },
        { index: 1, id: good.id, reason: 'id-used-before' },
      ],
    });
  });

  test('under an id of before the gateway began is known too, as far as the observer does', async () => {
    const rows: StateRow[] = [];
    const seen = new SeenScans();
    const digest = (text: string) => scanDigest(text, (of) => hash('sha256', of));
    for (let n = 0; n < scansRemembered + 1; n += 1)
      seen.take('gun-1', `scan-id-${n}`, digest('A'));
    seen.drainDirty(rows);
    const { post } = await startDoor(rows);
    const statusOf = async (id: string, code: string) =>
      (await post(JSON.stringify({ id, code }))).status;
    expect(await statusOf('scan-id-1', 'A')).toBe(200);
    expect(await statusOf('scan-id-1', 'B')).toBe(409);
    expect(await statusOf('scan-id-0', 'B')).toBe(200);
    expect(await statusOf('scan-id-1', 'B')).toBe(200);
    expect(await statusOf(`scan-id-${scansRemembered}`, 'B')).toBe(409);
  });

  test('may come under any content type, or none', async () => {
    const { post, taken } = await startDoor();
    for (const type of ['text/plain', 'application/x-ndjson', '']) {
      const answer = await post(JSON.stringify(good), 'gun-2-token', type);
      expect(answer.status).toBe(200);
    }
    expect(taken().map(({ device }) => device)).toEqual(['gun-2', 'gun-2', 'gun-2']);
  });
});

describe('a scanner that posts more than it may', () => {
  test('is answered 429 with how long to wait, and takes nothing from others', async () => {
    const { clock, post, rates, taken } = await startDoor();
    const limits = { messagesPerS: 1, burstMessages: 2 };
    rates.replace(['gun-1', 'gun-2'].map((device) => ({ device, limits })));
    const codes = async (token: string, count: number) => {
      const answers = [];
      for (let nr = 0; nr < count; nr += 1) answers.push(await post(JSON.stringify(good), token));
      return answers.map(({ headers, status }) => [status, headers.get('retry-after')]);
    };
    expect((await codes('gun-1-token', 5)).slice(-2)).toEqual([
      [429, '1'],
      [429, '1'],
    ]);
    expect(await codes('gun-2-token', 1)).toEqual([[200, null]]);
    clock.advance(1000);
    expect(await codes('gun-1-token', 1)).toEqual([[200, null]]);
    expect(taken()).toHaveLength(5);
    expect(rates.list()).toMatchObject([{ device: 'gun-1', pauses: 2 }]);
  });
});

describe('what scanners may not post', () => {
  test.each([
    ['without id', JSON.stringify({ code: 'A' }), 'missing-id'],
    ['that are no JSON', 'A-1', 'malformed'],
    ['that are nothing', '', 'malformed'],
  ])('scans %s: refused with the reason, and kept for the quarantine', async (_n, body, reason) => {
    const { post, taken } = await startDoor();
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'BAD_INPUT', reason, retryable: false });
    expect(taken().map(({ payload }) => Buffer.from(payload).toString())).toEqual([body]);
  });

  test.each(['', 'gun-1-toke', 'gun-1-token2', 'the-token'])(
    'under the token %j',
    async (token) => {
      const { post, taken, said } = await startDoor();
      const answer = await post(JSON.stringify(good), token);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      expect(await answer.json()).toMatchObject({ code: 'NOT_SIGNED_IN' });
      expect(taken()).toEqual([]);
      expect(said.map(({ msg }) => msg)).toContain('scan.sign-in-refused');
      expect(JSON.stringify(said)).not.toContain('-toke');
    },
  );

  test('under wrong tokens again and again: one who guesses has to wait', async () => {
    const { clock, post, said, taken } = await startDoor();
    for (let n = 0; n < 10; n += 1) expect((await post('x', `guess-${n}`)).status).toBe(401);
    for (let n = 0; n < 20; n += 1) {
      const answer = await post(JSON.stringify(good), 'guess');
      expect(answer.status).toBe(429);
      expect(answer.headers.get('retry-after')).toBe('1');
      expect(await answer.json()).toMatchObject({ code: 'TOO_MANY_ATTEMPTS', retryable: true });
    }
    expect(said).toHaveLength(10);
    expect(taken()).toEqual([]);
    clock.advance(1000);
    expect((await post(JSON.stringify(good))).status).toBe(200);
  });

  test('more than the limit, whatever the length is said to be', async () => {
    const { port, post, taken } = await startDoor();
    const large = JSON.stringify({ ...good, code: 'x'.repeat(70_000) });
    const answer = await post(large);
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ code: 'BODY_TOO_LARGE' });
    const chunked = request({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/scans',
      headers: { authorization: 'Bearer gun-1-token' },
    });
    chunked.write(large.slice(0, 40_000));
    chunked.end(large.slice(40_000));
    const [response] = (await once(chunked, 'response')) as [{ statusCode: number }];
    expect(response.statusCode).toBe(413);
    expect(taken()).toEqual([]);
  });

  test('anything but scans', async () => {
    const { port } = await startDoor();
    const headers = { authorization: 'Bearer gun-1-token' };
    expect((await fetch(`http://127.0.0.1:${port}/scans`, { headers })).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${port}/devices`, { headers })).status).toBe(401);
  });
});

describe('while there is no room', () => {
  test('scans are refused for now and nothing is taken; afterwards they are', async () => {
    const { clock, disk, intake, post, taken } = await startDoor();
    disk.freeBytes = 0;
    clock.advance(1000);
    // The one that finds the disk full is answered too, although its entry waits in memory.
    const first = await post(JSON.stringify(good));
    expect(first.status).toBe(503);
    expect(first.headers.get('retry-after')).toBe('5');
    expect(await first.json()).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    expect(intake.hold?.reason).toBe('disk-full');
    expect((await post(JSON.stringify(good))).status).toBe(503);
    expect(taken()).toEqual([]);
    disk.freeBytes = 1000 * mebibyte;
    clock.advance(1000);
    await until(() => intake.hold === undefined);
    expect((await post(JSON.stringify(good))).status).toBe(200);
    // The first one, and the one that was sent again: observers apply both once.
    await until(() => taken().length === 2);
  });
});

describe('devices', () => {
  test('may be replaced while others go on', async () => {
    const { door, post } = await startDoor();
    door.replaceDevices([httpDevice('gun-2', httpScanner, 'a-new-token')]);
    expect((await post(JSON.stringify(good))).status).toBe(401);
    expect((await post(JSON.stringify(good), 'a-new-token')).status).toBe(200);
  });

  test('cannot share a token', async () => {
    const { door } = await startDoor();
    const twins = ['gun-1', 'gun-2'].map((id) => httpDevice(id, httpScanner, 'same'));
    expect(() => door.replaceDevices(twins)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
  });
});
