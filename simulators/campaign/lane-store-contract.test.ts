import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeCanonical } from '#contracts/canonical.ts';
import type { Lane, LaneStore } from '../../hub/intake/lane-store.ts';
import { registerGateway } from '../../hub/intake/register-gateway.ts';
import { SqlLaneStore } from '../../hub/intake/sql-lane-store.ts';
import { openStore, type Store } from '../../hub/store/store.ts';
import { createRandom } from '../prng.ts';
import { FakeDisk } from './fake-disk.ts';
import { FakeLaneStore } from './fake-lane-store.ts';
import { fakePublicKey } from './fake-signatures.ts';

let dir = '';
let opened: Store[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hf-lanes-'));
});
afterEach(async () => {
  for (const store of opened) await store.close();
  opened = [];
  rmSync(dir, { recursive: true, force: true });
});

const clock = { nowMs: () => 1_000, monotonicMs: () => 0 };
const log = pino({ level: 'silent' });
const signingKey = fakePublicKey('gw-1');
const keys = { gateway: 'gw-1', site: 'leeds', key: signingKey, retiring: undefined, former: [] };

/** Each call is another process on the same disk. */
interface Reopened {
  readonly name: string;
  readonly make: () => () => Promise<LaneStore>;
}

const stores: Reopened[] = [
  {
    name: 'SQLite',
    make: () => async () => {
      for (const before of opened.splice(0)) await before.close();
      const store = await openStore({ file: join(dir, 'hub.db'), log, clock });
      opened.push(store);
      const of = { site: 'leeds', gateway: 'gw-1', signingKey, nkeyPublic: 'U' };
      await registerGateway(store, clock, of);
      return new SqlLaneStore(store);
    },
  },
  {
    name: 'the simulation',
    make() {
      const quiet = { faultAt: () => undefined, killed() {}, powerCut() {}, slowed() {} };
      const disk = new FakeDisk(quiet, createRandom(1, 'disk'));
      return () => Promise.resolve(new FakeLaneStore(disk.mount(), [keys]));
    },
  },
];

const epoch = {
  gateway: 'gw-1',
  id: 'ab'.repeat(16),
  ordinal: 1,
  parent: null,
  site: 'leeds',
  startedAt: 1,
  tenant: 'main',
};
const genesis = '00'.repeat(32);
const hashAt = (seq: number) => String(seq).padStart(64, '0');

function laneAt(committed: number, halted = false): Lane {
  return {
    gateway: 'gw-1',
    site: 'leeds',
    epoch: 1,
    epochId: epoch.id,
    committed,
    headHash: committed === 0 ? genesis : hashAt(committed),
    halted,
    reason: halted ? 'another history' : undefined,
    receiptNumber: 0,
  };
}

/** Of a kind that no release knows yet. */
function event(seq: number) {
  const header = encodeCanonical({
    cause: [1, 0],
    epoch: 1,
    gateway: 'gw-1',
    kind: 'some.day',
    occurredAt: 1,
    owner: 'own',
    receivedAt: 1,
    seq,
    site: 'leeds',
    timeQuality: 'arrival',
    v: 1,
  });
  const place = { position: seq, gateway: 'gw-1', site: 'leeds', epoch: 1, seq, recordedAt: 5 };
  return [
    { header, payload: '{}' },
    { ...place, hash: hashAt(seq) },
  ] as const;
}

async function expectRecorded(store: LaneStore): Promise<void> {
  const at = (gateway: string, seq: number) => store.recordedHash({ gateway, epoch: 1, seq });
  // Receipts count on from where the clock was; how far is each store's own.
  expect(await store.lanes()).toEqual([
    { ...laneAt(2), receiptNumber: expect.any(Number) as number },
  ]);
  expect(await store.lastPosition()).toBe(2);
  expect([await at('gw-1', 0), await at('gw-1', 1)]).toEqual([genesis, hashAt(1)]);
  expect([await at('gw-1', 3), await at('gw-2', 1)]).toEqual([undefined, undefined]);
  expect(await store.openLanes(['gw-1', 'gw-2'])).toEqual(['gw-1']);
}

describe.each(stores)('the lane store of $name', ({ make }) => {
  test('begins with its gateways and nothing recorded', async () => {
    const store = await make()();
    expect(await store.gateways()).toEqual([keys]);
    expect([await store.lanes(), await store.lastPosition()]).toEqual([[], 0]);
    expect(await store.recordedHash({ gateway: 'gw-1', epoch: 1, seq: 0 })).toBeUndefined();
  });

  test('has all that a transaction recorded, also for the next process', async () => {
    const open = make();
    const store = await open();
    const states = await store.write(async (tx) => {
      await tx.beginEpoch(epoch, genesis, 5);
      const added = [await tx.addEvent(...event(1)), await tx.addEvent(...event(2))];
      expect(await tx.recordedHash({ gateway: 'gw-1', epoch: 1, seq: 2 })).toBe(hashAt(2));
      await tx.saveLane(laneAt(2), 5);
      await tx.flush();
      return added;
    });
    expect(states).toEqual(['parked', 'parked']);
    await expectRecorded(store);
    await expectRecorded(await open());
  });

  test('has nothing of a transaction that failed', async () => {
    const open = make();
    const store = await open();
    await store.write(async (tx) => {
      await tx.beginEpoch(epoch, genesis, 5);
      await tx.saveLane(laneAt(0), 5);
      await tx.flush();
    });
    const failing = store.write(async (tx) => {
      await tx.addEvent(...event(1));
      await tx.saveLane(laneAt(1), 5);
      throw new Error('in the middle');
    });
    await expect(failing).rejects.toThrow('in the middle');
    // Nor does the next transaction write it.
    await store.write(async (tx) => {
      await tx.saveLane(laneAt(0, true), 6);
      await tx.flush();
    });
    const again = await open();
    expect(await again.lastPosition()).toBe(0);
    expect(await again.lanes()).toMatchObject([{ committed: 0, halted: true }]);
    expect(await again.openLanes(['gw-1'])).toEqual([]);
  });
});
