import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { rawEvidence, type RawEvidence } from '#contracts/api/evidence-api.ts';
import { Fault } from '#contracts/fault.ts';
import { validate } from '#contracts/validate.ts';
import { hostileText, startApi, type TestApi } from './testing/start-api.ts';

const url = '/api/events/gw-1/2/77/evidence';
const evidence: RawEvidence = {
  event: 'gw-1/2/77',
  state: 'unproven',
  detail: 'not sealed yet',
  causePos: 9,
  segment: null,
  entries: [
    {
      pos: 9,
      receivedAt: 1_700_000_000_000,
      type: 'message',
      device: 'reader-1',
      channel: hostileText,
      bytes: 2,
      payloadBase64: 'e30=',
      payloadText: hostileText,
      body: '{}',
      cause: true,
      proven: false,
    },
  ],
  proofs: [],
  left: 0,
  fetchedAt: 1_700_000_000_000,
  cached: false,
};

let api: TestApi;
let cookie: string;
beforeAll(async () => {
  api = await startApi();
  cookie = await api.signIn();
});
afterAll(() => api.stop());

const get = () => api.app.inject({ method: 'GET', url, headers: { cookie } });

test('raw evidence passes the position on and answers in its schema, text unchanged', async () => {
  const asked = vi.spyOn(api.queries, 'rawEvidence').mockResolvedValueOnce(evidence);
  const answer = await get();
  expect(asked).toHaveBeenCalledWith({ gateway: 'gw-1', epoch: 2, seq: 77 });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toEqual(evidence);
  expect(validate(rawEvidence, answer.json()).ok).toBe(true);
});

test('raw evidence of no event is not found, and that too much is asked at once is said', async () => {
  const none = await get();
  expect(none.json()).toMatchObject({ code: 'NOT_FOUND' });
  vi.spyOn(api.queries, 'rawEvidence').mockRejectedValueOnce(new Fault('UNAVAILABLE', 'busy'));
  expect((await get()).statusCode).toBe(503);
});

test('raw evidence is for who is signed in', async () => {
  expect((await api.app.inject({ method: 'GET', url })).statusCode).toBe(401);
});
