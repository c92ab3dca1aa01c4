import { expect, test } from 'vitest';
import { retimeRows } from './retime-rows.ts';

const toMs = 1_800_000_000_000;
const fromMs = 2_000_000_000_000;

function retimed(machine: string, value: unknown): unknown {
  const row = { machine, key: 'k', value: JSON.stringify(value) };
  const [changed] = retimeRows([row], fromMs, toMs);
  return changed === undefined ? 'as it was' : JSON.parse(changed.value ?? '');
}

test('what happened in the time that is forgotten happened when it ended', () => {
  expect(retimed('device', { heardMs: fromMs, silentSinceMs: null, qos: 1 })).toEqual({
    heardMs: toMs,
    qos: 1,
    silentSinceMs: null,
  });
  expect(retimed('tag', ['dock', 'r1', fromMs - 5, toMs - 5, null, ['x', 3, 0, toMs + 1]])).toEqual(
    ['dock', 'r1', toMs, toMs - 5, null, ['x', 3, 0, toMs]],
  );
  expect(retimed('task', { at: { openedAt: fromMs } })).toEqual({ at: { openedAt: toMs } });
  expect(retimed('second', fromMs / 1000)).toBe(toMs / 1000);
});

test('what is no time of the gateway stays', () => {
  expect(retimed('device', { heardMs: toMs })).toBe('as it was');
  expect(retimed('device', { heardMs: fromMs + 7_200_000 })).toBe('as it was');
  expect(retimed('counter', { lastMs: 5, value: fromMs - 1 })).toBe('as it was');
  expect(retimed('quantity', fromMs)).toBe('as it was');
  expect(retimed('document', { expectedAt: fromMs })).toBe('as it was');
});
