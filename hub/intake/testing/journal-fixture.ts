import { createPrivateKey, createPublicKey, hash, sign, type KeyObject } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import { encodeBatch } from '#contracts/batch-codec.ts';
import { encodeCanonical, type Canonical } from '#contracts/canonical.ts';
import {
  checkpointText,
  eventHash,
  genesisHash,
  keyRotationText,
  type Checkpoint,
  type EpochIdentity,
} from '#contracts/chain.ts';
import type { StoredEvent } from '#contracts/envelope.ts';
import { parseGatewayId, parseSiteId, parseTenantId } from '#contracts/ids.ts';
import { nowFactsText, type NowFacts } from '#contracts/now-lane.ts';
import type { GatewayAddress } from '#contracts/subjects.ts';
import type { TimeQuality } from '#contracts/time.ts';
import { helloText, type Hello } from '#contracts/uplink.ts';
import { sha256Hex } from '../wire-crypto.ts';

/** An event as a test says it; the fixture adds position, times and identity. */
export interface SaidEvent {
  readonly kind: string;
  readonly payload: Canonical;
  readonly device?: string;
  readonly occurredAt?: number;
  readonly timeQuality?: TimeQuality;
  readonly claimedAt?: number;
  readonly version?: number;
}

const startMs = Date.UTC(2026, 0, 5, 8);

/** A gateway's journal for tests of the hub: real chain, real signatures, made without a gateway. */
export class JournalFixture {
  readonly address: GatewayAddress;
  readonly epoch: EpochIdentity;
  /** Base64 of the raw public key, as it is registered. */
  signingKey = '';
  keyId = '';
  readonly events: StoredEvent[] = [];
  /** `hashes[seq]`; at 0 the genesis. */
  readonly hashes: string[];
  #key: KeyObject;

  constructor(
    site: string,
    gateway: string,
    of: { readonly parent?: EpochIdentity['parent']; readonly id?: string } = {},
  ) {
    this.address = {
      tenant: parseTenantId('main'),
      site: parseSiteId(site),
      gateway: parseGatewayId(gateway),
    };
    const parent = of.parent ?? null;
    this.epoch = {
      gateway,
      id: of.id ?? hash('md5', `${gateway}/${parent?.ordinal ?? 0}`),
      ordinal: (parent?.ordinal ?? 0) + 1,
      parent,
      site,
      startedAt: startMs,
      tenant: 'main',
    };
    this.#key = keyOf(gateway);
    this.signAs(gateway);
    this.hashes = [genesisHash(this.epoch, sha256Hex)];
  }

  /** What is signed from here on is signed with the key of this name. */
  signAs(name: string): this {
    this.#key = keyOf(name);
    this.signingKey = publicOf(this.#key);
    this.keyId = hash('sha256', Buffer.from(this.signingKey, 'base64')).slice(0, 16);
    return this;
  }

  /** The event by which the key in use names another one. */
  rotationTo(name: string): SaidEvent {
    const { gateway, site } = this.epoch;
    const [fromKey, key] = [this.signingKey, publicOf(keyOf(name))];
    const text = keyRotationText({ fromKey, gateway, key, site });
    const keyId = hash('sha256', Buffer.from(key, 'base64')).slice(0, 16);
    const proof = sign(null, Buffer.from(text), keyOf(name)).toString('base64');
    const payload = { fromKey, key, keyId, proof, signature: this.sign(text) };
    return { kind: 'gateway.key-rotated', payload };
  }

  get seq(): number {
    return this.events.length;
  }

  get headHash(): string {
    return this.hashAt(this.seq);
  }

  hashAt(seq: number): string {
    return this.hashes[seq] ?? '';
  }

  /** Journals events; their time is a second apart unless it is said. */
  add(...said: readonly SaidEvent[]): this {
    for (const event of said) {
      const seq = this.seq + 1;
      const receivedAt = startMs + seq * 1000;
      this.addRaw({
        header: encodeCanonical({
          cause: [seq, 0],
          claimedAt: event.claimedAt,
          device: event.device,
          epoch: this.epoch.ordinal,
          gateway: this.epoch.gateway,
          kind: event.kind,
          occurredAt: event.occurredAt ?? receivedAt,
          owner: 'own',
          receivedAt,
          seq,
          site: this.epoch.site,
          timeQuality: event.timeQuality ?? 'device',
          v: event.version ?? 1,
        }),
        payload: encodeCanonical(event.payload),
      });
    }
    return this;
  }

  /** Journals text as it is, sound or not. */
  addRaw(event: StoredEvent): this {
    this.hashes.push(eventHash(this.headHash, event, sha256Hex));
    this.events.push(event);
    return this;
  }

  checkpoint(seq: number): Checkpoint {
    return {
      atMs: startMs + seq * 1000,
      epoch: this.epoch.ordinal,
      epochId: this.epoch.id,
      gateway: this.epoch.gateway,
      hash: this.hashAt(seq),
      keyId: this.keyId,
      seq,
      site: this.epoch.site,
      tenant: 'main',
    };
  }

  /** The message that carries events `first` to `last`. */
  batch(first: number, last: number, change: (text: string) => string = (text) => text): Buffer {
    const checkpoint = this.checkpoint(last);
    const text = encodeBatch(
      {
        checkpoint,
        events: last - first + 1,
        firstSeq: first,
        previousHash: this.hashAt(first - 1),
        signature: this.sign(checkpointText(checkpoint)),
        v: 1,
      },
      this.events.slice(first - 1, last),
    );
    return zstdCompressSync(change(text));
  }

  hello(oldestSeq = 1, headSeq = this.seq, rotations?: Hello['rotations']): string {
    const words: Omit<Hello, 'signature'> = {
      epoch: this.epoch,
      head: this.checkpoint(headSeq),
      oldestSeq,
      ...(rotations === undefined ? {} : { rotations }),
      v: 1,
    };
    return encodeCanonical({ ...words, signature: this.sign(helloText(words)) });
  }

  facts(of: Partial<NowFacts['health']> & { readonly atMs: number; readonly number: number }): {
    facts: NowFacts;
    text: string;
  } {
    const { atMs, number, ...health } = of;
    const facts: NowFacts = {
      alerts: [],
      atMs,
      devices: [],
      epoch: this.epoch.ordinal,
      gateway: this.epoch.gateway,
      health: {
        backlogEvents: 0,
        committedSeq: 0,
        headSeq: this.seq,
        intake: 'open',
        intakeBacklog: 0,
        quarantined: 0,
        readsPerMinute: 60,
        roomBytes: 1_000_000,
        startedAt: startMs,
        uplink: 'live',
        version: '1.0.0',
        ...health,
      },
      number,
      seq: this.seq,
      site: this.epoch.site,
      tenant: 'main',
      v: 1,
    };
    return { facts, text: encodeCanonical({ facts, signature: this.signFacts(facts) }) };
  }

  signFacts(facts: NowFacts): string {
    return this.sign(nowFactsText(facts));
  }

  sign(text: string): string {
    return sign(null, Buffer.from(text), this.#key).toString('base64');
  }
}

/** A key that follows from the name alone, so that a new epoch of a gateway has the same one. */
function keyOf(gateway: string): KeyObject {
  const seed = hash('sha256', `test key of ${gateway}`, 'buffer');
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
}

function publicOf(key: KeyObject): string {
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  return Buffer.from(x, 'base64url').toString('base64');
}

export function appeared(epc: string, zone = 'dock'): SaidEvent {
  return { kind: 'tag.appeared', device: 'reader-1', payload: { antenna: 1, epc, zone } };
}

/** Units of an item that enter a zone from outside, or with `from` move between zones. */
export function posted(
  item: string,
  quantity: number,
  of: { readonly zone?: string; readonly from?: string; readonly serials?: string[] } = {},
): SaidEvent {
  const { from, serials } = of;
  const line = { item, owner: 'own', ...(serials === undefined ? {} : { serials }) };
  const source: Canonical =
    from === undefined ? { type: 'supplier' } : { status: 'available', type: 'zone', zone: from };
  const zone = of.zone ?? 'dock';
  return {
    kind: from === undefined ? 'stock.received' : 'stock.moved',
    device: 'reader-1',
    payload: {
      evidence: { agreed: ['portal'], certaintyPermille: 990 },
      lines: [
        { account: source, ...line, quantity: -quantity },
        { account: { status: 'available', type: 'zone', zone }, ...line, quantity },
      ],
    },
  };
}
