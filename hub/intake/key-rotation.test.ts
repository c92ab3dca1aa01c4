import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Hello } from '#contracts/uplink.ts';
import { IntakeRig } from './testing/intake-rig.ts';
import { appeared, JournalFixture, type SaidEvent } from './testing/journal-fixture.ts';
import { committedOf, openTestStore } from './testing/test-hub.ts';
import { unpark } from './unpark.ts';

let hub: Awaited<ReturnType<typeof openTestStore>>;
let rig: IntakeRig;
let journal: JournalFixture;

beforeEach(async () => {
  hub = await openTestStore();
  rig = new IntakeRig(hub.store);
  journal = new JournalFixture('north', 'gw-1');
  await rig.welcome(journal);
});
afterEach(() => hub.close());

async function keys() {
  await rig.book.loadGateways();
  const { key, retiring, formerKeys } = rig.book.gateway('gw-1') ?? {};
  return { key: key?.keyId, retiring: retiring?.keyId, former: [...(formerKeys?.keys() ?? [])] };
}

test('a key that the one before names in the journal takes over, and that one until it is used', async () => {
  const first = journal.keyId;
  journal.add(appeared('AA'), journal.rotationTo('next'), appeared('BB'));
  await rig.apply(journal, journal.batch(1, 2));
  const next = (await keys()).key;
  expect(next).not.toBe(first);
  expect(await keys()).toEqual({ key: next, retiring: first, former: [first] });
  // What was on its way is still taken, and its sender still heard.
  await rig.apply(journal, journal.batch(3, 3));
  expect(await committedOf(hub.store, 'gw-1')).toBe(3);
  expect(await rig.hello(journal)).toMatchObject({ state: 'open', committed: 3 });
  journal.signAs('next').add(appeared('CC'));
  expect(await rig.hello(journal)).toMatchObject({ state: 'open', committed: 3 });
  await rig.apply(journal, journal.batch(4, 4));
  expect(await keys()).toEqual({ key: next, retiring: undefined, former: [first] });
  journal.signAs('gw-1').add(appeared('DD'));
  expect(await rig.apply(journal, journal.batch(5, 5))).toMatchObject({ refused: 1 });
  expect(await rig.hello(journal)).toMatchObject({ state: 'halted' });
  expect(await committedOf(hub.store, 'gw-1')).toBe(4);
});

test('the next key says nothing before the journal has named it', async () => {
  journal.add(appeared('AA'), journal.rotationTo('next'));
  journal.signAs('next');
  expect(await rig.apply(journal, journal.batch(1, 2))).toMatchObject({ refused: 1 });
  expect(await committedOf(hub.store, 'gw-1')).toBe(0);
});

test.each<[string, (said: Record<string, string>) => void]>([
  ['the key before did not sign', (of) => (of['signature'] = of['proof'] ?? '')],
  ['whose holder did not sign', (of) => (of['proof'] = of['signature'] ?? '')],
  [
    'that a stranger names',
    (of) => Object.assign(of, new JournalFixture('north', 'gw-2').rotationTo('next').payload),
  ],
])('a key %s is not taken, and its entry stays recorded', async (_, forge) => {
  const before = await keys();
  const said: SaidEvent = journal.rotationTo('next');
  const payload = { ...(said.payload as Record<string, string>) };
  forge(payload);
  journal.add({ ...said, payload });
  await rig.apply(journal, journal.batch(1, 1));
  expect(await keys()).toEqual(before);
  expect(await committedOf(hub.store, 'gw-1')).toBe(1);
});

test('an entry that an older hub parked changes the key after its upgrade', async () => {
  journal.add(journal.rotationTo('next'));
  const before = await keys();
  await rig.apply(journal, journal.batch(1, 1));
  const rotated = await keys();
  // As a hub would have it that does not know the kind.
  await hub.store.write(async ({ db }) => {
    await db.updateTable('journal_event').set({ state: 'parked' }).execute();
    await db.updateTable('gateway').set({ signing_key: journal.signingKey }).execute();
    await db.deleteFrom('gateway_key_rotation').execute();
    await db.deleteFrom('gateway_former_key').execute();
  });
  expect(await keys()).toEqual(before);
  expect(await unpark(hub.store, rig.book)).toBe(1);
  expect(await keys()).toEqual(rotated);
});

type Said = NonNullable<Hello['rotations']>;
const payloadOf = ({ payload }: SaidEvent) => payload as unknown as Said[number];

test('a hub from a backup of before two rotations follows them to the key of now', async () => {
  const first = payloadOf(journal.rotationTo('next'));
  journal.add(appeared('AA'), { kind: 'gateway.key-rotated', payload: first }).signAs('next');
  const second = payloadOf(journal.rotationTo('third'));
  journal.add({ kind: 'gateway.key-rotated', payload: second }).signAs('third');
  expect(await rig.hello(journal)).toMatchObject({ state: 'halted' });
  const said = (rotations: Said) => rig.hello(journal, journal.hello(1, journal.seq, rotations));
  // Not from here: the key that is known did not sign it.
  expect(await said([second])).toMatchObject({ state: 'halted' });
  expect(await said([first])).toMatchObject({ state: 'halted' });
  const { former } = await keys();
  expect(former).toEqual([]);
  expect(await said([first, second])).toMatchObject({ state: 'open', committed: 0 });
  expect(await keys()).toMatchObject({ key: journal.keyId });
  expect(await rig.apply(journal, journal.batch(1, 3))).toMatchObject({ refused: 0 });
  expect(await committedOf(hub.store, 'gw-1')).toBe(3);
  expect(await keys()).toMatchObject({ key: journal.keyId, retiring: undefined });
});

test('no key is followed that its holder did not prove, or that a replaced key names', async () => {
  const first = payloadOf(journal.rotationTo('next'));
  journal.add({ kind: 'gateway.key-rotated', payload: first });
  await rig.apply(journal, journal.batch(1, 1));
  await rig.book.loadGateways();
  journal.signAs('next').add(appeared('AA'));
  await rig.apply(journal, journal.batch(2, 2));
  const before = await keys();
  journal.signAs('gw-1');
  const stolen = payloadOf(journal.rotationTo('stolen'));
  journal.signAs('stolen');
  const hello = journal.hello(1, journal.seq, [stolen]);
  expect(await rig.hello(journal, hello)).toMatchObject({ state: 'halted' });
  journal.signAs('next');
  const named = payloadOf(journal.rotationTo('fourth'));
  journal.signAs('stolen');
  const unproven = journal.hello(1, journal.seq, [named]);
  expect(await rig.hello(journal, unproven)).toMatchObject({ state: 'halted' });
  expect(await keys()).toEqual(before);
});
