import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openIntakeStore } from '../../edge/intake/intake-store.ts';
import { openJournalStore, type JournalStore } from '../../edge/journal/journal-store.ts';
import { openFakeStores, type GatewayStores } from './fake-gateway-stores.ts';
import { drawSchedule, type PlannedFault } from './schedule.ts';
import { World } from './world.ts';

/** A call of a store, and what it gave. */
type Call =
  | { readonly of: 'process' }
  | {
      readonly of: string;
      readonly name: string;
      readonly given: readonly unknown[];
      readonly gave: unknown;
    };

/** Faults after which a disk has less than what it was given: another disk has it still. */
const losing: readonly PlannedFault['kind'][] = ['disk', 'disk-full', 'power-cut', 'restored'];

type Methods = Record<string, (...given: readonly unknown[]) => unknown>;

/** Notes every call; what may be read once only is read before. */
function noted<S extends object>(of: string, store: S, calls: Call[]): S {
  return new Proxy(store, {
    get(target, name) {
      const member = Reflect.get(target, name) as unknown;
      if (typeof member === 'object' && member !== null) {
        return noted(`${of}.${String(name)}`, member, calls);
      }
      if (typeof member !== 'function') return member;
      return (...given: readonly unknown[]) => {
        const kept = given.map(wholly);
        const gave = (member as (...of: readonly unknown[]) => unknown).apply(target, kept);
        calls.push({ of, name: String(name), given: kept, gave: structuredClone(gave) });
        return gave;
      };
    },
  });
}

/** With its own copy of the blocks, which come from a writer that uses its memory again. */
function wholly(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || !('blocks' in given)) return given;
  const { blocks } = given as Parameters<JournalStore['write']>[0];
  const copies = Array.from(blocks, (block) => ({ ...block, bytes: Buffer.from(block.bytes) }));
  return { ...given, blocks: copies };
}

function memberAt(stores: GatewayStores, path: string): Methods {
  let at: unknown = stores;
  for (const name of path.split('.')) at = (at as Record<string, unknown>)[name];
  return at as Methods;
}

/** Buffers of another origin, and orders that nobody promised, are no difference. */
function comparable(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) {
    const all = value.map(comparable);
    const isStates = value.every(
      (one) => typeof one === 'object' && one !== null && 'machine' in one,
    );
    return isStates ? all.map((one) => JSON.stringify(one)).toSorted() : all;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, of]) => [key, comparable(of)]));
}

test('SQLite gives at every call what the simulated stores gave', { timeout: 60_000 }, async () => {
  let calls = 0;
  for (const seed of [11, 12, 13]) {
    const drawn = drawSchedule(seed);
    const faults = drawn.faults.filter(({ kind }) => !losing.includes(kind));
    const kills = [10_000, 30_000, 45_000].map((atMs) => {
      return { kind: 'kill', machine: 'gw-1', atMs, forMs: 500 } as const;
    });
    const traces = new Map<string, Call[]>();
    const world = new World(
      { ...drawn, faults: [...faults, ...kills] },
      { signed: () => {}, failed: (machine, error) => expect([machine, error]).toEqual([]) },
      (disk, gateway) => {
        const trace = traces.get(gateway) ?? [];
        traces.set(gateway, trace);
        trace.push({ of: 'process' });
        return noted('', openFakeStores(disk, gateway), trace);
      },
    );
    world.start();
    await world.time.runUntil(60_000);
    expect([...traces.keys()]).toEqual(['gw-1', 'gw-2']);
    for (const trace of traces.values()) calls += replay(trace);
  }
  expect(calls).toBeGreaterThan(2000);
});

function replay(trace: readonly Call[]): number {
  const dir = mkdtempSync(join(tmpdir(), 'hf-trace-'));
  let stores: GatewayStores | undefined;
  const close = () => {
    stores?.intake.close();
    stores?.journal.close();
  };
  let calls = 0;
  try {
    for (const call of trace) {
      if (call.of === 'process') {
        close();
        stores = {
          intake: openIntakeStore(join(dir, 'intake.db')),
          journal: openJournalStore(join(dir, 'journal.db')),
        };
        continue;
      }
      if (!('name' in call) || stores === undefined || call.name === 'close') continue;
      calls += 1;
      const { gave, given, name, of } = call;
      const method = memberAt(stores, of.slice(1))[name];
      const now = method?.(...given);
      expect(comparable(now), `${of}.${name}, call ${calls}`).toEqual(comparable(gave));
    }
  } finally {
    close();
    rmSync(dir, { recursive: true, force: true });
  }
  return calls;
}
