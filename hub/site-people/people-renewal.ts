import { sql } from 'kysely';
import type { Logger } from 'pino';
import { messageOf } from '#contracts/fault.ts';
import type { RandomBytes } from '../access/random-bytes.ts';
import type { DownlinkAuthor } from '../downlink/append-downlink.ts';
import type { DownlinkTables } from '../downlink/downlink-tables.ts';
import type { Store } from '../store/store.ts';
import { outdatedLists } from './outdated-lists.ts';
import { publishPeople, sendPeople } from './send-people.ts';
import type { SitePeopleTables } from './site-people-tables.ts';

const lookEveryMs = 60_000;
const dayMs = 24 * 3_600_000;
/** Limits in all hold for this long; then a new lease begins. */
const leaseDays = 30;

/**
 * Keeps credentials of gateways fresh: whoever has rights is let in for some days ahead, so that a
 * gateway without word of the hub goes on for that long and no longer. Gateways that came to a site
 * since get its list, and those of another version than before get it in their form.
 */
export class PeopleRenewal {
  readonly #store: Store;
  readonly #author: DownlinkAuthor;
  readonly #random: RandomBytes;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(of: { store: Store; author: DownlinkAuthor; random: RandomBytes; log: Logger }) {
    this.#store = of.store;
    this.#author = of.author;
    this.#random = of.random;
    this.#log = of.log;
  }

  start(): void {
    this.#timer = setInterval(() => this.#lookSoon(), lookEveryMs);
    this.#lookSoon();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** Renews what is due; nothing is written where nothing is. */
  async look(): Promise<void> {
    await this.#renew();
    await this.#welcome();
    await this.#mend();
  }

  #lookSoon(): void {
    this.#looking ??= this.look()
      .catch((error: unknown) => {
        this.#log.error({ reason: messageOf(error) }, 'site-people.not-renewed');
      })
      .finally(() => (this.#looking = undefined));
  }

  /** Credentials of which half is over. */
  async #renew(): Promise<void> {
    const nowMs = this.#author.clock.nowMs();
    const due = await this.#tables
      .selectFrom('site_person')
      .select(['id', 'offline_days', 'lease_from'])
      .where('revoked_at', 'is', null)
      .where(sql<boolean>`credential_until - offline_days * ${dayMs / 2} <= ${nowMs}`)
      .execute();
    if (due.length === 0) return;
    await this.#store.write(async (tx) => {
      const tables = tx.db.withTables<SitePeopleTables>();
      const sites = new Set<string>();
      for (const { id, lease_from, offline_days } of due) {
        const isOver = nowMs - lease_from >= leaseDays * dayMs;
        const lease_id = `lease-${Buffer.from(this.#random(8)).toString('hex')}`;
        await tables
          .updateTable('site_person')
          .set({
            credential_until: nowMs + offline_days * dayMs,
            ...(isOver && { lease_id, lease_from: nowMs }),
          })
          .where('id', '=', id)
          .where('revoked_at', 'is', null)
          .execute();
        const places = await tables
          .selectFrom('site_person_at')
          .select('site')
          .where('person', '=', id)
          .where('left_at', 'is', null)
          .execute();
        for (const { site } of places) sites.add(site);
      }
      await publishPeople(tx, this.#author, sites);
      this.#log.info({ people: due.length, sites: [...sites] }, 'site-people.renewed');
    });
  }

  /** Gateways of a site with people that were never sent a list. */
  async #welcome(): Promise<void> {
    const strangers = await this.#tables
      .withTables<DownlinkTables>()
      .selectFrom('gateway')
      .innerJoin('site_people_version', 'site_people_version.site', 'gateway.site')
      .select(['gateway.gateway', 'gateway.site'])
      .where((of) =>
        of.not(
          of.exists(
            of
              .selectFrom('downlink_entry')
              .select('downlink_entry.seq')
              .whereRef('downlink_entry.gateway', '=', 'gateway.gateway')
              .where('downlink_entry.kind', '=', 'people'),
          ),
        ),
      )
      .execute();
    if (strangers.length === 0) return;
    await this.#store.write(async (tx) => {
      for (const one of strangers) await sendPeople(tx, this.#author, one);
    });
  }

  /** Gateways that take another form of the list than they were sent. */
  async #mend(): Promise<void> {
    const outdated = await outdatedLists(this.#store.read, this.#author.clock.nowMs());
    if (outdated.length === 0) return;
    await this.#store.write(async (tx) => {
      for (const one of outdated) await sendPeople(tx, this.#author, one);
    });
    this.#log.info({ gateways: outdated.map(({ gateway }) => gateway) }, 'site-people.sent-anew');
  }

  get #tables() {
    return this.#store.read.withTables<SitePeopleTables>();
  }
}
