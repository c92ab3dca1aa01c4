import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { DownlinkEntry } from '#contracts/downlink.ts';
import { parseGatewayId, parseSiteId, parseTenantId } from '#contracts/ids.ts';
import { createIdentity } from '../identity/identity.ts';
import { createTestLog, FakeClock, tempDir, until } from '../testing/test-parts.ts';
import type { DownlinkTarget, TakenEntry } from './downlink-target.ts';
import { Downlink } from './downlink.ts';
import { HandMadeHub } from './testing/hand-made-hub.ts';

const address = {
  tenant: parseTenantId('main'),
  site: parseSiteId('hamburg'),
  gateway: parseGatewayId('gw-1'),
};

function setUp() {
  const dir = tempDir();
  const { identity } = createIdentity(join(dir, 'gateway'));
  const { identity: hubIdentity } = createIdentity(join(dir, 'hub'));
  const hub = new HandMadeHub(address, hubIdentity, identity.signingPublicKey);
  const taken: TakenEntry[] = [];
  const { log, said } = createTestLog();
  const clock = new FakeClock();
  const config: DownlinkTarget = {
    take: async (entry) => {
      taken.push(entry);
      return await Promise.resolve({ result: 'applied' });
    },
  };
  const start = () => {
    const downlink = new Downlink({
      dataDir: dir,
      address,
      hub: { publicKey: hubIdentity.signingPublicKey },
      identity,
      targets: { config },
      report: () => ({}),
      knownAs: () => undefined,
      contact: () => undefined,
      clock,
      log,
    });
    downlink.start();
    downlink.attach(hub);
    onTestFinished(() => downlink.stop());
    return downlink;
  };
  const stranger = () => createIdentity(join(dir, 'stranger')).identity;
  return { dir, hub, taken, said, clock, start, stranger };
}

/** Everything that is there was taken and told. */
async function settled({ hub }: ReturnType<typeof setUp>): Promise<void> {
  const latest = hub.entries.at(-1)?.entry.seq ?? 0;
  await until(() => hub.pulls.at(-1)?.settled === latest);
}

test('entries are taken in order, each once, and the hub is told', async () => {
  const of = setUp();
  const { hub, start, taken } = of;
  hub.append('one');
  hub.append('two ☂'.repeat(200_000));
  const downlink = start();
  await settled(of);
  hub.append('three');
  downlink.nudged();
  await settled(of);
  expect(taken.map(({ seq, content }) => [seq, content.slice(0, 3)])).toEqual([
    [1, 'one'],
    [2, 'two'],
    [3, 'thr'],
  ]);
  expect(taken[1]?.content).toBe(hub.contents.get(2));
  const told = hub.pulls.flatMap(({ outcomes }) => outcomes);
  expect(told.map(({ seq, result }) => [seq, result])).toEqual([
    [1, 'applied'],
    [2, 'applied'],
    [3, 'applied'],
  ]);
});

test('a process that starts again goes on behind what was settled, and says what was not heard', async () => {
  const of = setUp();
  const { hub, start, taken } = of;
  hub.append('one');
  const first = start();
  await settled(of);
  hub.append('two');
  const before = hub.pulls.length;
  first.nudged();
  // It is taken, and the hub goes before it hears of that.
  await until(() => {
    hub.away = taken.length === 2;
    return hub.away;
  });
  await first.stop();
  hub.away = false;
  start();
  await settled(of);
  expect(taken.map(({ seq }) => seq)).toEqual([1, 2]);
  const later = hub.pulls.slice(before).flatMap(({ outcomes }) => outcomes);
  expect(later.some(({ seq, result }) => seq === 2 && result === 'applied')).toBe(true);
});

test('what the hub did not sign is not taken', async () => {
  const of = setUp();
  const { hub, said, start, stranger, taken } = of;
  const honest = hub.signer;
  hub.signer = stranger();
  hub.append('forged');
  start();
  await until(() => said.some(({ msg }) => msg === 'downlink.failed'));
  // A forged entry in an answer that the hub itself signed.
  hub.signer = honest;
  const again = start();
  again.nudged();
  await until(() => said.filter(({ msg }) => msg === 'downlink.failed').length >= 2);
  expect(said.filter(({ msg }) => msg === 'downlink.failed').map(({ code }) => code)).toEqual(
    expect.arrayContaining(['SIGNATURE_INVALID']),
  );
  expect(taken).toEqual([]);
});

test.each<[string, Partial<DownlinkEntry>]>([
  ['one that was settled before', {}],
  ['one after another that was left out', { seq: 9, previous: 8 }],
  ['one for another gateway', { gateway: 'gw-2', seq: 2, previous: 1 }],
])('an entry is refused: %s', async (_what, of) => {
  const all = setUp();
  const { hub, said, start, taken } = all;
  hub.append('one');
  const downlink = start();
  await settled(all);
  const [first] = hub.entries;
  if (first === undefined) throw new Error('there is one');
  if (Object.keys(of).length === 0) hub.lie = () => first;
  else hub.append('two', 'config', of);
  downlink.nudged();
  await until(() => said.some(({ msg }) => msg === 'downlink.failed'));
  expect(said.find(({ msg }) => msg === 'downlink.failed')).toMatchObject({ code: 'CONFLICT' });
  expect(taken).toHaveLength(1);
});

test('a content that is not what was signed is not taken', async () => {
  const of = setUp();
  const { hub, said, start, taken } = of;
  hub.append('good text');
  hub.contents.set(1, 'evil text');
  start();
  await until(() => said.some(({ code }) => code === 'SIGNATURE_INVALID'));
  expect(taken).toEqual([]);
});

test('an old answer, signed for another pull, proves nothing', async () => {
  const { hub, said, start } = setUp();
  hub.lieOfAnswer = (answer) => ({ ...answer, request: '0'.repeat(64) });
  start();
  await until(() => said.some(({ code }) => code === 'BAD_INPUT'));
});

test('a kind that it does not know is refused, and what follows is taken', async () => {
  const of = setUp();
  const { hub, start, taken } = of;
  hub.append('?', 'weather');
  hub.append('one');
  start();
  await settled(of);
  expect(taken.map(({ seq }) => seq)).toEqual([2]);
  const [unknown] = hub.pulls.flatMap(({ outcomes }) => outcomes);
  expect(unknown).toMatchObject({ seq: 1, kind: 'weather', result: 'refused', code: 'BAD_INPUT' });
});

test('a gateway whose clock went back numbers its pulls on from what the hub has', async () => {
  const of = setUp();
  const { clock, hub, start, taken } = of;
  hub.number = clock.nowMs() + 3_600_000;
  hub.append('one');
  start();
  await settled(of);
  expect(taken).toHaveLength(1);
  expect(hub.pulls.at(-1)?.number).toBeGreaterThan(clock.nowMs() + 3_600_000);
});
