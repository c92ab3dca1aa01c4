import { mkdtempSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import Type from 'typebox';
import { gatewayAbilities, type DownlinkReport } from '#contracts/downlink.ts';
import { sitePeople, sitePerson, type SitePeople } from '#contracts/people.ts';
import { closed } from '#contracts/schema.ts';
import { validate } from '#contracts/validate.ts';
import { verifyPassword } from '../access/password-hash.ts';
import { DownlinkBook } from '../downlink/downlink-book.ts';
import type { DownlinkTables } from '../downlink/downlink-tables.ts';
import type { FleetConfigTables } from '../fleet-config/fleet-config-tables.ts';
import { newHubKey, quiet } from '../intake/testing/test-hub.ts';
import { openHubStore } from '../open-hub-store.ts';
import type { Store } from '../store/store.ts';
import { PeopleRenewal } from './people-renewal.ts';
import { SitePeopleDesk } from './site-people.ts';

const dayMs = 24 * 3_600_000;
const startMs = Date.UTC(2026, 10, 1);
const time = { nowMs: startMs };
const clock = { nowMs: () => time.nowMs, monotonicMs: () => time.nowMs };
const random = (size: number) => randomBytes(size);
const anna = {
  username: 'Anna',
  name: 'Anna Berg',
  role: 'operator',
  sites: ['lyon'],
  password: 'correct horse',
  limitEntry: 5,
} as const;

let folder = '';
let store: Store;
let desk: SitePeopleDesk;
let renewal: PeopleRenewal;

beforeEach(async () => {
  time.nowMs = startMs;
  folder = mkdtempSync(join(tmpdir(), 'hf-people-'));
  store = await openHubStore({ file: join(folder, 'hub.db'), clock, log: quiet });
  const author = { tenant: 'main', key: newHubKey(), clock };
  const parts = { store, author, random, log: quiet };
  desk = new SitePeopleDesk(parts);
  renewal = new PeopleRenewal(parts);
  await register('lyon', 'lyon-1');
  await register('york', 'york-1');
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function register(site: string, gateway: string): Promise<void> {
  const row = { site, gateway, signing_key: gateway, nkey_public: gateway };
  await store.write(({ db }) =>
    db
      .insertInto('gateway')
      .values({ ...row, created_at: 0, nkey_next: null, revoked_at: null })
      .execute(),
  );
}

/** As a push under way has it for a gateway. */
async function giveZones(gateway: string, zones: readonly string[]): Promise<void> {
  const text = ['zones:', ...zones.map((id) => `  - { id: ${id}, status: available }`)].join('\n');
  const said = { author: 'test', created_at: 0 };
  await store.write(async ({ db }) => {
    const tables = db.withTables<FleetConfigTables>();
    await tables
      .insertInto('config_version')
      .values({ version: 1, hash: '', text, note: '', ...said })
      .execute();
    await tables
      .insertInto('config_push')
      .values({
        push: 1,
        version: 1,
        wave_size: 1,
        state: 'running',
        reason: '',
        ended_at: null,
        ...said,
      })
      .execute();
    await tables
      .insertInto('config_push_gateway')
      .values({ push: 1, position: 0, site: 'lyon', gateway, seq: null, sent_at: null })
      .execute();
  });
}

/** What a gateway was sent, the last first. */
async function sentTo(gateway: string): Promise<SitePeople[]> {
  const rows = await store.read
    .withTables<DownlinkTables>()
    .selectFrom('downlink_entry')
    .innerJoin('downlink_content', 'downlink_content.hash', 'downlink_entry.content_hash')
    .select('content')
    .where('gateway', '=', gateway)
    .where('kind', '=', 'people')
    .orderBy('seq', 'desc')
    .execute();
  return rows.map(({ content }) => JSON.parse(content) as SitePeople);
}

/** What a gateway says of itself as it asks for its log. */
async function says(site: string, gateway: string, report: DownlinkReport): Promise<void> {
  time.nowMs += 1;
  const pull = {
    gateway,
    site,
    tenant: 'main',
    number: time.nowMs,
    settled: 0,
    type: 'pull',
    v: 1,
  } as const;
  await new DownlinkBook(store).pull(site, { ...pull, outcomes: [], report }, time.nowMs);
}
const newest = { takes: [...gatewayAbilities] };

async function added(of: Parameters<SitePeopleDesk['add']>[0] = { ...anna, sites: ['lyon'] }) {
  const person = await desk.add(of);
  if (!person.ok) throw new Error(person.refusal.message);
  return person.value;
}

describe('a person of a floor page', () => {
  test('is sent to the gateways of their sites and no others, with lease and credential', async () => {
    const { id } = await added();
    const [list] = await sentTo('lyon-1');
    expect(list).toMatchObject({ site: 'lyon', version: 1, people: [{ id, username: 'Anna' }] });
    const [person] = list?.people ?? [];
    expect(person).toMatchObject({
      credentialUntilMs: startMs + 7 * dayMs,
      lease: { person: id, limitPerEntry: 5, limitCumulative: 50, validFromMs: startMs },
    });
    expect(await verifyPassword('correct horse', person?.passwordHash ?? '')).toBe(true);
    expect(await sentTo('york-1')).toEqual([]);
    expect((await desk.list()).waiting).toEqual([{ gateway: 'lyon-1', site: 'lyon' }]);
    expect(JSON.stringify(await desk.list())).not.toContain('argon2');
  });

  test('has a name that nobody else has, and works where there is a gateway', async () => {
    await added();
    expect(await desk.add({ ...anna, username: 'ANNA', sites: ['lyon'] })).toMatchObject({
      refusal: { code: 'CONFLICT' },
    });
    const nowhere = await desk.add({ ...anna, username: 'ole', sites: ['lyon', 'nowhere'] });
    expect(nowhere).toMatchObject({ refusal: { code: 'BAD_INPUT' } });
    expect((await desk.list()).people).toHaveLength(1);
    expect(await sentTo('lyon-1')).toHaveLength(1);
  });

  test('is kept to zones that there are, where the hub gave the gateways all of them', async () => {
    await giveZones('lyon-1', ['dock-1', 'storage']);
    const mistyped = await desk.add({ ...anna, sites: ['lyon'], zones: ['storage', 'dok-1'] });
    expect(mistyped).toMatchObject({
      refusal: {
        code: 'BAD_INPUT',
        message: '"dok-1" is no zone of lyon: there are dock-1, storage',
        details: { faults: [{ path: '/zones' }] },
      },
    });
    const { id } = await added({ ...anna, sites: ['lyon'], zones: ['storage'] });
    expect(await desk.change(id, { zones: ['storag'] })).toMatchObject({ ok: false });
    expect(await desk.change(id, { zones: ['dock-1'] })).toMatchObject({ ok: true });
    const both = { sites: ['lyon', 'york'], zones: ['anything'] };
    expect(await desk.change(id, both)).toMatchObject({ ok: true });
    expect((await desk.list()).zones).toEqual([
      { site: 'lyon', zones: ['dock-1', 'storage'], isComplete: true },
      { site: 'york', zones: [], isComplete: false },
    ]);
  });

  test('may have zones that gateways report from files of their own', async () => {
    const config = { appliedAtMs: 1, hash: '0'.repeat(64), owner: 'file' } as const;
    await says('lyon', 'lyon-1', { config: { ...config, zones: ['dock-1', 'cold-2'] } });
    const zones = async () => (await desk.list()).zones.find(({ site }) => site === 'lyon');
    expect(await zones()).toEqual({ site: 'lyon', zones: ['cold-2', 'dock-1'], isComplete: true });
    const mistyped = await desk.add({ ...anna, sites: ['lyon'], zones: ['cold-3'] });
    expect(mistyped).toMatchObject({ refusal: { message: /there are cold-2, dock-1/ } });
    // A gateway of an earlier version says nothing of them.
    await says('lyon', 'lyon-1', { config });
    expect(await zones()).toMatchObject({ zones: [], isComplete: false });
  });

  test('whose rights end stays listed with the time, and an earlier end holds', async () => {
    const { id } = await added();
    time.nowMs += dayMs;
    await desk.revoke(id, startMs + 1000);
    await desk.revoke(id, undefined);
    const [list] = await sentTo('lyon-1');
    expect(list?.people).toMatchObject([{ id, revokedAtMs: startMs + 1000 }]);
    expect(await desk.revoke(id, time.nowMs + 1)).toMatchObject({ ok: false });
    expect(await desk.change(id, { limitEntry: 6 })).toMatchObject({
      refusal: { code: 'CONFLICT' },
    });
    const back = await desk.change(id, { password: 'another one' });
    expect(back).toMatchObject({ ok: true, value: { revokedAt: null } });
    const [again] = await sentTo('lyon-1');
    expect(again?.people[0]).not.toHaveProperty('revokedAtMs');
    expect(again?.people[0]?.lease?.validFromMs).toBe(time.nowMs);
  });

  test('who is let in again carries the time without rights, for as long as it may matter', async () => {
    await says('lyon', 'lyon-1', newest);
    const { id } = await added();
    const firstMs = time.nowMs;
    for (let times = 0; times < 2; times += 1) {
      time.nowMs += dayMs;
      await desk.revoke(id, time.nowMs);
      time.nowMs += dayMs;
      await desk.change(id, { password: 'another one' });
    }
    const listed = async () => (await sentTo('lyon-1'))[0]?.people[0]?.revokedBefore;
    expect(await listed()).toEqual([
      { fromMs: firstMs + 3 * dayMs, toMs: firstMs + 4 * dayMs },
      { fromMs: firstMs + dayMs, toMs: firstMs + 2 * dayMs },
    ]);
    time.nowMs += 398 * dayMs;
    await desk.change(id, { name: 'Anna B.' });
    expect(await listed()).toHaveLength(1);
    time.nowMs += 3 * dayMs;
    await desk.change(id, { name: 'Anna C.' });
    expect(await listed()).toBeUndefined();
  });

  test('is sent in a form that the release before takes, and whole to who takes more', async () => {
    await register('lyon', 'lyon-2');
    await says('lyon', 'lyon-2', newest);
    const { id } = await added();
    time.nowMs += dayMs;
    await desk.revoke(id, undefined);
    const outMs = time.nowMs;
    time.nowMs += dayMs;
    await desk.change(id, { password: 'another one' });
    const { revokedBefore: _, ...known } = sitePerson.properties;
    const before = closed({ ...sitePeople.properties, people: Type.Array(closed(known)) });
    const isOld = async (gateway: string) => validate(before, (await sentTo(gateway))[0]).ok;
    expect(await isOld('lyon-1')).toBe(true);
    const past = { revokedBefore: [{ fromMs: outMs, toMs: time.nowMs }] };
    expect((await sentTo('lyon-2'))[0]?.people).toMatchObject([past]);

    await says('lyon', 'lyon-1', {});
    await renewal.look();
    expect([await sentTo('lyon-1'), await sentTo('lyon-2')].map((sent) => sent.length)).toEqual([
      3, 3,
    ]);
    // One is upgraded, the other goes back to the release before.
    await says('lyon', 'lyon-1', newest);
    await says('lyon', 'lyon-2', {});
    await renewal.look();
    await renewal.look();
    expect((await sentTo('lyon-1')).map(({ people }) => people)).toMatchObject([
      [past],
      [{}],
      [{}],
      [{}],
    ]);
    expect(await isOld('lyon-2')).toBe(true);
    expect(await sentTo('lyon-2')).toHaveLength(4);
  });

  test('who comes back to a site gets a lease that counts there again', async () => {
    await says('lyon', 'lyon-1', newest);
    const { id } = await added();
    time.nowMs += dayMs;
    await desk.change(id, { sites: ['york'] });
    const leftMs = time.nowMs;
    time.nowMs += dayMs;
    await desk.change(id, { sites: ['lyon', 'york'] });
    const [here] = (await sentTo('lyon-1'))[0]?.people ?? [];
    expect(here).toMatchObject({
      lease: { validFromMs: time.nowMs },
      revokedBefore: [{ fromMs: leftMs, toMs: time.nowMs }],
    });
    expect((await sentTo('york-1'))[0]?.people[0]).not.toHaveProperty('revokedBefore');
  });

  test('who moves to another site has left the first one', async () => {
    const { id } = await added();
    time.nowMs += dayMs;
    await desk.change(id, { sites: ['york'] });
    expect((await sentTo('lyon-1'))[0]?.people).toMatchObject([{ id, revokedAtMs: time.nowMs }]);
    const [there] = (await sentTo('york-1'))[0]?.people ?? [];
    expect(there).not.toHaveProperty('revokedAtMs');
  });

  test('keeps the lease where nothing of it changes, and gets another one with other limits', async () => {
    const { id } = await added();
    const leaseNow = async () => (await sentTo('lyon-1'))[0]?.people[0]?.lease?.id;
    const first = await leaseNow();
    await desk.change(id, { name: 'Anna B.' });
    expect(await leaseNow()).toBe(first);
    await desk.change(id, { limitEntry: 9 });
    expect(await leaseNow()).not.toBe(first);
  });
});

describe('the renewal', () => {
  test('lets people in for days ahead, once half of these are over', async () => {
    await added();
    time.nowMs += 3 * dayMs;
    await renewal.look();
    expect(await sentTo('lyon-1')).toHaveLength(1);
    time.nowMs += dayMs;
    await renewal.look();
    await renewal.look();
    const sent = await sentTo('lyon-1');
    expect(sent).toHaveLength(2);
    expect(sent[0]).toMatchObject({
      version: 2,
      people: [{ credentialUntilMs: time.nowMs + 7 * dayMs }],
    });
    expect(sent[0]?.people[0]?.lease?.id).toBe(sent[1]?.people[0]?.lease?.id);
  });

  test('begins a new lease after a month, and leaves those alone whose rights ended', async () => {
    const { id } = await added();
    const [first] = await sentTo('lyon-1');
    time.nowMs += 31 * dayMs;
    await renewal.look();
    const [second] = await sentTo('lyon-1');
    expect(second?.people[0]?.lease?.id).not.toBe(first?.people[0]?.lease?.id);
    await desk.revoke(id, undefined);
    const sent = (await sentTo('lyon-1')).length;
    time.nowMs += 31 * dayMs;
    await renewal.look();
    expect(await sentTo('lyon-1')).toHaveLength(sent);
  });

  test('sends the list to a gateway that came to the site since', async () => {
    await added();
    await register('lyon', 'lyon-2');
    await renewal.look();
    await renewal.look();
    expect(await sentTo('lyon-2')).toMatchObject([{ version: 1, people: [{ username: 'Anna' }] }]);
  });
});
