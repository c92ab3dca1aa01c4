import { expect, test } from 'vitest';
import type { EventDraft } from '#contracts/envelope.ts';
import { eventKinds } from '#contracts/event-kinds.ts';
import { validate } from '#contracts/validate.ts';
import { GatewayObserver, type GatewayBody } from './gateway-observer.ts';
import type { StateRow } from './state-row.ts';

/** Says entries to an observer that a restart may have restored from its rows before each. */
function play(bodies: readonly GatewayBody[]): EventDraft[] {
  const out: EventDraft[] = [];
  const rows: StateRow[] = [];
  for (const body of bodies) {
    const observer = new GatewayObserver();
    for (const { key, machine, value } of rows) {
      if (value !== null) observer.restore(machine, key, value);
    }
    observer.note(body, 1_800_000_000_000, out);
    observer.drainDirty(rows);
  }
  for (const { kind, payload } of out) {
    expect(validate(eventKinds[kind].payload, payload)).toMatchObject({ ok: true });
  }
  return out;
}

const hash = 'a'.repeat(64);
const begun: GatewayBody = {
  type: 'config-override',
  step: 'begun',
  by: 'eng-7',
  hash,
  reason: 'the hub is away',
  sinceMs: 5,
  untilMs: 9,
};
const ended: GatewayBody = {
  type: 'config-override',
  step: 'ended',
  hash,
  inForce: 'former',
  outcome: 'expired',
  sinceMs: 5,
};

test('an override that an interrupted gateway says again is one event, and its end is one', () => {
  const longer: GatewayBody = { ...begun, untilMs: 12 };
  const said = play([ended, begun, begun, longer, ended, ended]);
  expect(said.map(({ kind }) => kind)).toEqual([
    'gateway.config-overridden',
    'gateway.config-overridden',
    'gateway.config-override-ended',
  ]);
  expect(said[1]?.payload).toMatchObject({ since: 5, until: 12 });
});

test('a key that an interrupted gateway names again is one event', () => {
  const signature = `${'A'.repeat(86)}==`;
  const key = `${'A'.repeat(43)}=`;
  const named: GatewayBody = {
    type: 'key-rotated',
    fromKey: key,
    key,
    keyId: '0'.repeat(16),
    proof: signature,
    signature,
  };
  expect(play([named, named, { ...named, keyId: '1'.repeat(16) }])).toHaveLength(2);
});
