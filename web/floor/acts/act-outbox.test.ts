import { beforeEach, describe, expect, test } from 'vitest';
import {
  floorPaths,
  type FloorActAnswer,
  type FloorActBody,
  type FloorLeftAct,
} from '#contracts/api/floor-api.ts';
import { ApiClient } from '../../data/api-client.ts';
import { appliedAnswer } from '../../testing/floor-fixture.ts';
import { ManualClock, settle } from '../../testing/manual-clock.ts';
import { MemoryStorage } from '../../testing/memory-storage.ts';
import { ActOutbox, type ActResult } from './act-outbox.ts';
import { KeptActs } from './kept-acts.ts';

type Gateway = (act: FloorActBody) => FloorActAnswer | number | 'nothing';

let clock: ManualClock;
let storage: MemoryStorage;
let sent: FloorActBody[];
let gateway: Gateway;
let ids: number;
let left: [person: string, act: string][];
let revoked: Set<string>;

const names: Record<string, string> = { 'p-1': 'Mia Berg', 'p-2': 'Ole Lund' };

function takeLeft(text: string): Response {
  const { act, person } = JSON.parse(text) as FloorLeftAct;
  left.push([person, act.id]);
  const outcome = revoked.has(person) ? 'kept-for-review' : 'waits-for-author';
  return new Response(JSON.stringify({ act: act.id, outcome }));
}

/** A page, as it stands after (re)loading: what is kept is all that it knows. */
function openPage(person = 'p-1'): ActOutbox {
  const api = new ApiClient((path, init) => {
    if (path === floorPaths.leftActs) return Promise.resolve(takeLeft(init?.body as string));
    const act = JSON.parse(init?.body as string) as FloorActBody;
    sent.push(act);
    const said = gateway(act);
    if (said === 'nothing') return Promise.reject(new TypeError('no network'));
    if (typeof said === 'number') return Promise.resolve(new Response('{}', { status: said }));
    return Promise.resolve(new Response(JSON.stringify(said)));
  });
  const kept = new KeptActs(storage);
  const newId = () => `act-id-${(ids += 1)}`;
  const outbox = new ActOutbox({ api, clock, time: clock, kept, newId });
  outbox.become({ person, name: names[person] ?? '' });
  return outbox;
}

const move = (zone: string) =>
  ({ type: 'move', what: { unit: 'lpn:A1' }, zone, toZone: 'dock-1' }) as const;
const submit = (outbox: ActOutbox, zone: string) => outbox.submit(`Move from ${zone}`, move(zone));

beforeEach(() => {
  clock = new ManualClock(1_000_000);
  storage = new MemoryStorage();
  sent = [];
  ids = 0;
  left = [];
  revoked = new Set();
  gateway = ({ id }) => appliedAnswer(id);
});

describe('the outbox', () => {
  test('sends an act at once, and keeps nothing of it once it is applied', async () => {
    const outbox = openPage();
    expect(await submit(outbox, 'a')).toMatchObject({ type: 'applied' });
    expect(sent).toEqual([{ ...move('a'), id: 'act-id-1', atMs: 1_000_000 }]);
    expect(outbox.waiting).toEqual([]);
    expect(storage.length).toBe(0);
  });

  test('sends the same act under the same id until there is an answer', async () => {
    const outbox = openPage();
    gateway = () => 'nothing';
    expect(await submit(outbox, 'a')).toMatchObject({ type: 'waiting' });
    await clock.pass(3000);
    gateway = () => 503;
    await clock.pass(4000);
    gateway = ({ id }) => appliedAnswer(id);
    await clock.pass(20_000);
    expect(sent.length).toBeGreaterThan(3);
    expect(new Set(sent.map((act) => JSON.stringify(act))).size).toBe(1);
    expect(outbox.waiting).toEqual([]);
    const count = sent.length;
    await clock.pass(60_000);
    expect(sent.length).toBe(count);
  });

  test('keeps what has no answer over a reload, and sends it under its old id', async () => {
    gateway = () => 'nothing';
    await submit(openPage(), 'a');
    gateway = ({ id }) => appliedAnswer(id);
    const outbox = openPage();
    await settle();
    expect(outbox.waiting).toEqual([]);
    expect(new Set(sent.map(({ id }) => id))).toEqual(new Set(['act-id-1']));
  });

  test('keeps the order in which acts were made, whatever the clock does', async () => {
    const outbox = openPage();
    gateway = () => 'nothing';
    await submit(outbox, 'a');
    clock = new ManualClock(500);
    const later = openPage();
    await submit(later, 'b');
    await submit(later, 'c');
    expect(new Set(sent.map(({ id }) => id))).toEqual(new Set(['act-id-1']));
    sent.length = 0;
    gateway = ({ id }) => appliedAnswer(id);
    later.retry();
    await settle();
    expect(sent.map(({ id }) => id)).toEqual(['act-id-1', 'act-id-2', 'act-id-3']);
  });

  test('tells whoever asked that an act was refused, and goes on with the next', async () => {
    const outbox = openPage();
    const refused: Pick<FloorActAnswer, 'outcome'> = { outcome: 'refused' };
    gateway = ({ id }) => ({ ...appliedAnswer(id), ...(id === 'act-id-1' ? refused : {}) });
    const both = await Promise.all([submit(outbox, 'a'), submit(outbox, 'b')]);
    expect(both.map(({ type }) => type)).toEqual(['refused', 'applied']);
    expect(outbox.refused).toEqual([]);
  });

  test('keeps a refusal that nobody was there to hear until somebody has seen it', async () => {
    gateway = () => 'nothing';
    await submit(openPage(), 'a');
    gateway = ({ id }) => ({ ...appliedAnswer(id), outcome: 'refused' });
    await settle();
    const outbox = openPage();
    await settle();
    expect(outbox.refused).toMatchObject([{ title: 'Move from a', refused: 'refused' }]);
    expect(openPage().refused).toHaveLength(1);
    outbox.forget('act-id-1');
    expect(openPage().refused).toEqual([]);
  });

  test('does not send again what the gateway does not understand', async () => {
    const outbox = openPage();
    gateway = () => 400;
    expect(await submit(outbox, 'a')).toMatchObject({ type: 'failed' });
    await clock.pass(60_000);
    expect(sent).toHaveLength(1);
  });

  test('keeps an act until who made it signs in again, and never sends it for another', async () => {
    const outbox = openPage('p-1');
    gateway = () => 401;
    expect(await submit(outbox, 'a')).toMatchObject({ type: 'waiting' });
    gateway = ({ id }) => appliedAnswer(id);
    outbox.become(undefined);
    outbox.become({ person: 'p-2', name: 'Ole Lund' });
    await clock.pass(60_000);
    expect(sent).toHaveLength(1);
    expect(outbox.waiting).toEqual([]);
    expect(outbox.ofOthers).toEqual([
      { person: 'p-1', name: 'Mia Berg', count: 1, sinceMs: 1_000_000 },
    ]);
    expect([left, outbox.brought]).toEqual([[['p-1', 'act-id-1']], []]);
    outbox.become({ person: 'p-1', name: 'Mia Berg' });
    await settle();
    expect(sent).toHaveLength(2);
    expect(outbox.ofOthers).toEqual([]);
  });

  test('brings what somebody left whose rights have ended, and says so', async () => {
    const outbox = openPage('p-1');
    gateway = () => 401;
    await submit(outbox, 'a');
    await submit(outbox, 'b');
    outbox.become(undefined);
    revoked.add('p-1');
    outbox.become({ person: 'p-2', name: 'Ole Lund' });
    await settle();
    expect(left).toEqual([
      ['p-1', 'act-id-1'],
      ['p-1', 'act-id-2'],
    ]);
    expect(outbox.brought).toEqual(['Move from a', 'Move from b']);
    expect(outbox.ofOthers).toEqual([]);
    expect(storage.length).toBe(0);
    outbox.forgetBrought();
    expect(outbox.brought).toEqual([]);
  });

  test('tells what became of an act that had to wait', async () => {
    const outbox = openPage();
    const settled: ActResult['type'][] = [];
    outbox.settled.add(({ type }) => settled.push(type));
    gateway = () => 'nothing';
    await submit(outbox, 'a');
    gateway = ({ id }) => appliedAnswer(id);
    await clock.pass(2000);
    expect(settled).toEqual(['applied']);
  });

  test('works where the browser gives no storage, for as long as the page stands', async () => {
    storage.closed = true;
    const outbox = openPage();
    gateway = () => 'nothing';
    await submit(outbox, 'a');
    gateway = ({ id }) => appliedAnswer(id);
    await clock.pass(2000);
    expect(sent.map(({ id }) => id)).toEqual(['act-id-1', 'act-id-1']);
    expect(outbox.waiting).toEqual([]);
  });

  test('leaves alone what others keep in the storage, and what is no act', () => {
    storage.setItem('holdfast-theme', 'dark');
    storage.setItem('holdfast-floor-act-x', '{broken');
    storage.setItem('holdfast-floor-act-y', '{"id":"y"}');
    expect(openPage().waiting).toEqual([]);
  });
});
