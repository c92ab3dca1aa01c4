import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DownlinkOutcome, DownlinkPull } from '#contracts/downlink.ts';
import { newHubKey, openTestStore, realClock, tenant } from '../intake/testing/test-hub.ts';
import { appendDownlink } from './append-downlink.ts';
import { DownlinkBook } from './downlink-book.ts';
import type { DownlinkTables } from './downlink-tables.ts';

let opened: Awaited<ReturnType<typeof openTestStore>>;
let book: DownlinkBook;
const author = { tenant, key: newHubKey(), clock: realClock };

beforeEach(async () => {
  opened = await openTestStore();
  book = new DownlinkBook(opened.store);
});
afterEach(() => opened.close());

const append = (gateway: string, content: string) =>
  opened.store.write((tx) =>
    appendDownlink(tx, author, { site: 'berlin', gateway }, 'config', content),
  );

function pull(of: Partial<DownlinkPull> & Pick<DownlinkPull, 'number'>) {
  const said: DownlinkPull = {
    gateway: 'gw-1',
    site: 'berlin',
    tenant,
    outcomes: [],
    report: {},
    settled: 0,
    type: 'pull',
    v: 1,
    ...of,
  };
  return book.pull('berlin', said, 7);
}
const outcome = (seq: number, result: DownlinkOutcome['result']): DownlinkOutcome => ({
  atMs: 5,
  kind: 'config',
  result,
  seq,
});

test('each gateway has a log of its own, and a content that many get is kept once', async () => {
  expect([await append('gw-1', 'a'), await append('gw-1', 'b'), await append('gw-2', 'a')]).toEqual(
    [1, 2, 1],
  );
  const contents = await opened.store.read
    .withTables<DownlinkTables>()
    .selectFrom('downlink_content')
    .selectAll()
    .execute();
  expect(contents.map(({ content }) => content).toSorted()).toEqual(['a', 'b']);
  const { entry } = await pull({ number: 1 });
  expect(entry?.entry).toMatchObject({ seq: 1, previous: 0, gateway: 'gw-1', bytes: 1 });
  expect(await book.chunk('gw-1', 2, 0)).toEqual(Buffer.from('b'));
  expect(await book.chunk('gw-2', 2, 0)).toBeUndefined();
});

test('what was said later is not undone by what was said before', async () => {
  await append('gw-1', 'a');
  await pull({ number: 5, settled: 1, outcomes: [outcome(1, 'applied')] });
  const old = await pull({ number: 4, settled: 0, outcomes: [outcome(1, 'trial')] });
  expect(old).toMatchObject({ number: 5, changed: false });
  expect((await book.states()).get('gw-1')).toMatchObject({ settled: 1, heardAt: 7 });
  expect(await book.outcome('gw-1', 1)).toMatchObject({ result: 'applied' });
});

test('a hub that lost the end of a log goes on behind what the gateway has settled', async () => {
  await append('gw-1', 'a');
  await pull({ number: 1, settled: 4 });
  expect(await append('gw-1', 'b')).toBe(5);
  const { entry } = await pull({ number: 2, settled: 4 });
  expect(entry?.entry).toMatchObject({ seq: 5, previous: 4 });
});

test('whoever has something to settle is waiting, until it is', async () => {
  await append('gw-1', 'a');
  expect(await book.waiting()).toEqual([{ gateway: 'gw-1', latest: 1 }]);
  await pull({ number: 1, settled: 1, outcomes: [outcome(1, 'refused')] });
  expect(await book.waiting()).toEqual([]);
});
