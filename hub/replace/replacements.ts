import type { Logger } from 'pino';
import { messageOf, refuse, succeed, type Result } from '#contracts/fault.ts';
import {
  restoreAnswerText,
  restoreChunkBytes,
  restoreRequestText,
  type RestoreAnswer,
  type RestoreManifest,
  type RestoreParent,
  type RestoreRequest,
  type SignedRestoreAnswer,
} from '#contracts/replacement.ts';
import type { Clock } from '#contracts/time.ts';
import { withTokens } from '../enrol/enrolment-tokens.ts';
import type { HubKey } from '../intake/hub-key.ts';
import { parseVerifyKey, sha256Hex, sha256OfBytes } from '../intake/wire-crypto.ts';
import type { GatewayReplacementTable } from '../store/schema.ts';
import type { Store, WriteTransaction } from '../store/store.ts';
import { bookAt } from './book-at.ts';
import { knownConfig } from './known-config.ts';
import { contentOf } from './restore-content.ts';

export interface ReplacementParts {
  readonly store: Store;
  readonly tenant: string;
  /** Signs the answers. */
  readonly key: HubKey;
  /** Has its part of what a new box gets sent down, in the transaction that begins its restore. */
  readonly begun: (
    tx: WriteTransaction,
    of: { readonly site: string; readonly gateway: string },
  ) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A box that may be given what the one before it had. */
interface NewBox {
  readonly gateway: string;
  readonly site: string;
  readonly keyId: string;
  readonly enrolledAt: number;
}

type Words = Omit<RestoreRequest, 'signature'>;

/**
 * Gives a box in the place of another one what the hub knows of that one. From the moment that the
 * new box was let in nothing of the former one is taken any more, so that where its journal ends
 * stands still; the book is put together once, from there, and kept: however often it is asked for,
 * the same comes. Once the new journal has begun, nothing is given any more.
 */
export class Replacements {
  readonly #parts: ReplacementParts;
  /** By gateway and key. */
  readonly #preparing = new Map<string, Promise<void>>();

  constructor(parts: ReplacementParts) {
    this.#parts = parts;
  }

  /**
   * @returns NOT_FOUND, SIGNATURE_INVALID, NOT_ALLOWED where no token for a replacement let this box
   * in, CONFLICT once its journal has begun, BAD_INPUT for an offset beyond the end.
   */
  async answer({ signature, ...words }: RestoreRequest): Promise<Result<SignedRestoreAnswer>> {
    const box = await this.#boxOf(words, signature);
    if (!box.ok) return box;
    const lane = await this.#laneOf(box.value.gateway);
    const request = sha256Hex(restoreRequestText(words));
    if (lane === undefined) return this.#signed({ request, type: 'nothing', v: 1 });
    const row = await this.#rowOf(box.value);
    if (row === undefined) {
      this.#prepare(box.value, lane, words.form === 2);
      return this.#signed({ request, type: 'waiting', v: 1 });
    }
    if (row.parent_epoch !== lane.ordinal || row.parent_seq !== lane.seq) {
      const why = `the journal of this box has begun, with epoch ${lane.ordinal}`;
      return refuse('CONFLICT', why);
    }
    if (words.offset >= row.content.length) return refuse('BAD_INPUT', 'there is nothing beyond');
    const chunk = row.content.subarray(words.offset, words.offset + restoreChunkBytes);
    const text = Buffer.from(chunk).toString('base64');
    const manifest = this.#manifestOf(row);
    return this.#signed({ chunk: text, manifest, request, type: 'chunk', v: 1 });
  }

  async #boxOf(words: Words, signature: string): Promise<Result<NewBox>> {
    const { gateway, site } = words;
    const { read } = this.#parts.store;
    const known = await read
      .selectFrom('gateway')
      .selectAll()
      .where('gateway', '=', gateway)
      .where('site', '=', site)
      .executeTakeFirst();
    if (known === undefined || words.tenant !== this.#parts.tenant) {
      return refuse('NOT_FOUND', `this hub knows no gateway ${site}/${gateway}`);
    }
    const key = parseVerifyKey(known.signing_key);
    if (!key.ok || !key.value.verify(restoreRequestText(words), signature)) {
      return refuse('SIGNATURE_INVALID', 'the request is not signed by the registered signing key');
    }
    const token = await withTokens(read)
      .selectFrom('enrolment_token')
      .select('used_at')
      .where('gateway', '=', gateway)
      .where('purpose', '=', 'replace')
      .where('used_signing_key', '=', known.signing_key)
      .orderBy('used_at')
      .executeTakeFirst();
    if (known.revoked_at !== null || token === undefined || token.used_at === null) {
      return refuse('NOT_ALLOWED', 'no token for a replacement let this box in');
    }
    return succeed({ gateway, site, keyId: key.value.keyId, enrolledAt: token.used_at });
  }

  async #laneOf(gateway: string): Promise<RestoreParent | undefined> {
    const lane = await this.#parts.store.read
      .selectFrom('lane')
      .select(['epoch', 'committed_seq', 'head_hash'])
      .where('gateway', '=', gateway)
      .executeTakeFirst();
    return lane && { ordinal: lane.epoch, seq: lane.committed_seq, hash: lane.head_hash };
  }

  async #rowOf({ gateway, keyId }: NewBox): Promise<GatewayReplacementTable | undefined> {
    return await this.#parts.store.read
      .selectFrom('gateway_replacement')
      .selectAll()
      .where('gateway', '=', gateway)
      .where('key_id', '=', keyId)
      .executeTakeFirst();
  }

  /** It may take longer than a request may: the box asks again. */
  #prepare(box: NewBox, parent: RestoreParent, withRecent: boolean): void {
    const { log } = this.#parts;
    const { gateway, keyId, site } = box;
    const id = `${gateway} ${keyId}`;
    if (this.#preparing.has(id)) return;
    const preparing = this.#keep(box, parent, withRecent)
      .then(() => log.warn({ gateway, site, parent }, 'gateway.replaced'))
      .catch((error: unknown) => log.error({ gateway, reason: messageOf(error) }, 'replace.failed'))
      .finally(() => this.#preparing.delete(id));
    this.#preparing.set(id, preparing);
  }

  async #keep(box: NewBox, parent: RestoreParent, withRecent: boolean): Promise<void> {
    const { begun, clock, store } = this.#parts;
    const { gateway, site, keyId, enrolledAt } = box;
    const book = await bookAt(store.read, gateway, parent, withRecent);
    const known = await knownConfig(store.read, gateway);
    const content = contentOf(known, book);
    const knownUntil = await this.#knownUntil(gateway);
    const row: GatewayReplacementTable = {
      gateway,
      key_id: keyId,
      site,
      enrolled_at: enrolledAt,
      known_until: Math.min(knownUntil, enrolledAt),
      parent_epoch: parent.ordinal,
      parent_seq: parent.seq,
      parent_hash: parent.hash,
      content,
      content_hash: sha256OfBytes(content),
      created_at: clock.nowMs(),
    };
    await store.write(async (tx) => {
      const lane = await tx.db
        .selectFrom('lane')
        .select(['epoch', 'committed_seq'])
        .where('gateway', '=', gateway)
        .executeTakeFirst();
      // What was under way when the box was let in may have come in since: the next request begins anew.
      if (lane?.epoch !== parent.ordinal || lane.committed_seq !== parent.seq) return;
      await tx.db.insertInto('gateway_replacement').values(row).execute();
      await begun(tx, { site, gateway });
    });
  }

  /** When the gateway took in the last that is known of it; a clock that ran ahead counts as ours. */
  async #knownUntil(gateway: string): Promise<number> {
    const last = await this.#parts.store.read
      .selectFrom('journal_event')
      .select(['received_at', 'recorded_at'])
      .where('gateway', '=', gateway)
      .orderBy('epoch', 'desc')
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst();
    return Math.min(last?.received_at ?? 0, last?.recorded_at ?? 0);
  }

  #manifestOf(row: GatewayReplacementTable): RestoreManifest {
    return {
      content: { bytes: row.content.length, hash: row.content_hash },
      gateway: row.gateway,
      parent: { hash: row.parent_hash, ordinal: row.parent_epoch, seq: row.parent_seq },
      site: row.site,
      tenant: this.#parts.tenant,
      uncertainFromMs: row.known_until,
      uncertainToMs: row.enrolled_at,
      v: 1,
    };
  }

  #signed(answer: RestoreAnswer): Result<SignedRestoreAnswer> {
    return succeed({ answer, signature: this.#parts.key.sign(restoreAnswerText(answer)) });
  }
}
