import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type {
  NewSitePerson,
  SitePeoplePage,
  SitePersonChange,
  SitePersonRow,
} from '#contracts/api/site-people-api.ts';
import { refuse, succeed, type Result } from '#contracts/fault.ts';
import { hashPassword } from '../access/password-hash.ts';
import type { RandomBytes } from '../access/random-bytes.ts';
import type { DownlinkAuthor } from '../downlink/append-downlink.ts';
import { siteZones } from '../fleet-config/site-zones.ts';
import type { Database } from '../store/schema.ts';
import type { Store, WriteTransaction } from '../store/store.ts';
import { checkZones } from './check-zones.ts';
import { noteReturn } from './note-return.ts';
import { personRow, readPeople, waitingGateways } from './read-people.ts';
import { publishPeople } from './send-people.ts';
import type { SitePeopleTables, SitePersonTable } from './site-people-tables.ts';

export interface SitePeopleParts {
  readonly store: Store;
  readonly author: DownlinkAuthor;
  readonly random: RandomBytes;
  readonly log: Logger;
}

const dayMs = 24 * 3_600_000;
const defaultOfflineDays = 7;

type Tx = Pick<WriteTransaction, 'db'>;

/**
 * The people of the floor pages. Whatever changes is sent to the gateways of all sites concerned, in
 * the transaction that changes it.
 */
export class SitePeopleDesk {
  readonly #parts: SitePeopleParts;

  constructor(parts: SitePeopleParts) {
    this.#parts = parts;
  }

  async list(): Promise<SitePeoplePage> {
    const { author, store } = this.#parts;
    const people = await readPeople(store.read);
    const waiting = await waitingGateways(store.read);
    const zones = (await siteZones(store)).map((of) => ({ ...of, zones: [...of.zones] }));
    return { asOfMs: author.clock.nowMs(), people, waiting, zones };
  }

  /** @returns CONFLICT for a user name that is taken; BAD_INPUT for a site without a gateway. */
  async add(person: NewSitePerson): Promise<Result<SitePersonRow>> {
    const { author, random } = this.#parts;
    const { limitEntry = 0, limitTotal = limitEntry * 10, sites, username, zones } = person;
    const { offlineDays = defaultOfflineDays } = person;
    const sound = await checkZones(this.#parts.store, sites, zones);
    if (!sound.ok) return sound;
    const passwordHash = await hashPassword(person.password, random);
    const nowMs = author.clock.nowMs();
    const row: SitePersonTable = {
      id: `p-${hex(random(6))}`,
      username,
      username_key: keyOf(username),
      name: person.name,
      role: person.role,
      password_hash: passwordHash,
      offline_days: offlineDays,
      credential_until: nowMs + offlineDays * dayMs,
      limit_entry: limitEntry,
      limit_total: limitTotal,
      zones: zones === undefined ? null : JSON.stringify(zones),
      lease_id: this.#leaseId(),
      lease_from: nowMs,
      revoked_at: null,
      created_at: nowMs,
      changed_at: nowMs,
    };
    return await this.#change('site-person.added', async (tx) => {
      const tables = tx.db.withTables<SitePeopleTables>();
      const taken = await tables
        .selectFrom('site_person')
        .select('id')
        .where('username_key', '=', row.username_key)
        .executeTakeFirst();
      if (taken !== undefined) return refuse('CONFLICT', `there is a "${username}" already`);
      await tables.insertInto('site_person').values(row).execute();
      return await this.#placeAt(tx, row, sites);
    });
  }

  /**
   * Another role, other limits or zones begin a lease of their own: what was used before does not count.
   *
   * @returns NOT_FOUND; CONFLICT for somebody whose rights were ended, without a new password.
   */
  async change(id: string, change: SitePersonChange): Promise<Result<SitePersonRow>> {
    const { author, random } = this.#parts;
    const { limitEntry, limitTotal, name, offlineDays, password, role, sites, zones } = change;
    const { store } = this.#parts;
    const sound = await checkZones(store, sites ?? (await sitesOf({ db: store.read }, id)), zones);
    if (!sound.ok) return sound;
    const passwordHash = password === undefined ? undefined : await hashPassword(password, random);
    const nowMs = author.clock.nowMs();
    return await this.#change('site-person.changed', async (tx) => {
      const before = await findPerson(tx, id);
      if (before === undefined) return unknownPerson(id);
      if (before.revoked_at !== null && passwordHash === undefined) {
        return refuse('CONFLICT', 'their rights were ended: give a new password to let them in');
      }
      const days = offlineDays ?? before.offline_days;
      const row: SitePersonTable = {
        ...before,
        name: name ?? before.name,
        role: role ?? before.role,
        password_hash: passwordHash ?? before.password_hash,
        offline_days: days,
        credential_until: nowMs + days * dayMs,
        limit_entry: limitEntry ?? before.limit_entry,
        limit_total: limitTotal ?? before.limit_total,
        zones: zones === undefined ? before.zones : zones && JSON.stringify(zones),
        revoked_at: null,
        changed_at: nowMs,
      };
      const at = sites ?? (await sitesOf(tx, id));
      const returns = await noteReturn(tx, before, at, nowMs);
      const isOther =
        returns ||
        row.role !== before.role ||
        row.limit_entry !== before.limit_entry ||
        row.limit_total !== before.limit_total ||
        row.zones !== before.zones;
      const lease = isOther ? { lease_id: this.#leaseId(), lease_from: nowMs } : {};
      await savePerson(tx, { ...row, ...lease });
      return await this.#placeAt(tx, row, at);
    });
  }

  /**
   * Ends somebody's rights, now or a while ago: gateways keep and mark what they did since, and have
   * it reviewed. An end that lies earlier stays.
   *
   * @returns NOT_FOUND, BAD_INPUT for a time ahead.
   */
  async revoke(id: string, at: number | undefined): Promise<Result<SitePersonRow>> {
    const nowMs = this.#parts.author.clock.nowMs();
    if (at !== undefined && at > nowMs) return refuse('BAD_INPUT', 'rights end now or in the past');
    return await this.#change('site-person.revoked', async (tx) => {
      const before = await findPerson(tx, id);
      if (before === undefined) return unknownPerson(id);
      const revoked_at = Math.min(at ?? nowMs, before.revoked_at ?? Infinity);
      await savePerson(tx, { ...before, revoked_at, changed_at: nowMs });
      return succeed({ id, sites: await everySiteOf(tx, id) });
    });
  }

  async #placeAt(
    tx: Tx,
    { id }: Pick<SitePersonTable, 'id'>,
    sites: readonly string[],
  ): Promise<Result<Changed>> {
    const known = await tx.db
      .selectFrom('gateway')
      .select('site')
      .distinct()
      .where('site', 'in', [...sites])
      .execute();
    const stranger = sites.find((site) => !known.some((one) => one.site === site));
    if (stranger !== undefined) {
      return refuse('BAD_INPUT', `no gateway is registered at the site "${stranger}"`);
    }
    const tables = tx.db.withTables<SitePeopleTables>();
    const left_at = this.#parts.author.clock.nowMs();
    await tables
      .updateTable('site_person_at')
      .set({ left_at })
      .where('person', '=', id)
      .where('site', 'not in', [...sites])
      .where('left_at', 'is', null)
      .execute();
    for (const site of new Set(sites)) {
      await tables
        .insertInto('site_person_at')
        .values({ person: id, site, left_at: null })
        .onConflict((conflict) =>
          conflict.columns(['person', 'site']).doUpdateSet({ left_at: null }),
        )
        .execute();
    }
    return succeed({ id, sites: await everySiteOf(tx, id) });
  }

  /** All or nothing: who is refused is sent nowhere. */
  async #change(
    said: string,
    work: (tx: Tx) => Promise<Result<Changed>>,
  ): Promise<Result<SitePersonRow>> {
    const { author, log, store } = this.#parts;
    let refused: Result<Changed> | undefined;
    try {
      return await store.write(async (tx) => {
        const changed = await work(tx);
        if (!changed.ok) {
          refused = changed;
          throw new UndoneError();
        }
        const { id, sites } = changed.value;
        await publishPeople(tx, author, sites);
        const row = await findPerson(tx, id);
        if (row === undefined) return unknownPerson(id);
        log.info({ person: id, sites }, said);
        return succeed(personRow(row, await sitesOf(tx, id)));
      });
    } catch (error) {
      if (error instanceof UndoneError && refused !== undefined && !refused.ok) return refused;
      throw error;
    }
  }

  #leaseId(): string {
    return `lease-${hex(this.#parts.random(8))}`;
  }
}

/** Takes a transaction back; nobody outside sees it. */
class UndoneError extends Error {}

interface Changed {
  readonly id: string;
  /** Whose lists change. */
  readonly sites: readonly string[];
}

async function findPerson({ db }: Tx, id: string): Promise<SitePersonTable | undefined> {
  return await db
    .withTables<SitePeopleTables>()
    .selectFrom('site_person')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
}

async function savePerson({ db }: Tx, row: SitePersonTable): Promise<void> {
  await db
    .withTables<SitePeopleTables>()
    .updateTable('site_person')
    .set(row)
    .where('id', '=', row.id)
    .execute();
}

async function sitesOf({ db }: { readonly db: Kysely<Database> }, id: string): Promise<string[]> {
  const rows = await db
    .withTables<SitePeopleTables>()
    .selectFrom('site_person_at')
    .select('site')
    .where('person', '=', id)
    .where('left_at', 'is', null)
    .orderBy('site')
    .execute();
  return rows.map(({ site }) => site);
}

async function everySiteOf({ db }: Tx, id: string): Promise<string[]> {
  const rows = await db
    .withTables<SitePeopleTables>()
    .selectFrom('site_person_at')
    .select('site')
    .where('person', '=', id)
    .orderBy('site')
    .execute();
  return rows.map(({ site }) => site);
}

function unknownPerson(id: string) {
  return refuse('NOT_FOUND', `nobody here has the id "${id}"`);
}

function keyOf(username: string): string {
  return username.trim().toLowerCase();
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
