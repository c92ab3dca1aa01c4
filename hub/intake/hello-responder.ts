import type { Logger } from 'pino';
import { genesisHash } from '#contracts/chain.ts';
import type { GatewayAddress } from '#contracts/subjects.ts';
import type { Clock } from '#contracts/time.ts';
import { hello as helloSchema, helloText, type Hello } from '#contracts/uplink.ts';
import { validate } from '#contracts/validate.ts';
import { judgeHello, positionToCompare, type HelloVerdict } from './hello-machine.ts';
import { isSignedByGateway, type LaneBook } from './lane-book.ts';
import type { Lane, LaneTransaction } from './lane-store.ts';
import type { Receipts } from './receipts.ts';
import { parseVerifyKey, sha256Hex } from './wire-crypto.ts';

/** A hello is some hundred bytes. */
const maxHelloBytes = 16 * 1024;

/** Answers a gateway's first words with a signed receipt: where to go on, or why not. */
export class HelloResponder {
  readonly #book: LaneBook;
  readonly #receipts: Receipts;
  readonly #clock: Clock;
  readonly #log: Logger;

  constructor(parts: { book: LaneBook; receipts: Receipts; clock: Clock; log: Logger }) {
    this.#book = parts.book;
    this.#receipts = parts.receipts;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  /** @returns the receipt's text; undefined for what is no hello at all. */
  async answer(address: GatewayAddress, data: Uint8Array): Promise<string | undefined> {
    const { gateway, site } = address;
    const hello = readHello(data);
    if (hello === undefined) {
      this.#log.warn({ gateway, bytes: data.length }, 'hello.unreadable');
      return undefined;
    }
    if (this.#book.gateway(gateway) === undefined) await this.#book.loadGateways();
    await this.#followKeys(address, hello);
    const stranger = this.#strangerReason(address, hello);
    if (stranger !== undefined) {
      this.#log.warn({ gateway, site, reason: stranger }, 'hello.refused');
      return this.#receipts.refusing(address, hello, stranger);
    }
    const verdict = await this.#judge(address, hello);
    const lane = this.#book.lane(gateway);
    const reason = verdict.type === 'refuse' ? verdict.reason : undefined;
    if (reason !== undefined) this.#log.warn({ gateway, site, reason }, 'hello.refused');
    if (lane === undefined) {
      return this.#receipts.refusing(address, hello, reason ?? 'no lane');
    }
    return this.#receipts.forLane(address, lane, 'open', reason);
  }

  #strangerReason(address: GatewayAddress, hello: Hello): string | undefined {
    const registered = this.#book.gateway(address.gateway);
    if (registered === undefined || registered.site !== address.site) {
      return 'this gateway is not registered here';
    }
    const { signature, ...words } = hello;
    for (const part of [hello.epoch, hello.head]) {
      if (
        part.tenant !== address.tenant ||
        part.site !== address.site ||
        part.gateway !== address.gateway
      ) {
        return 'the hello is one of another gateway';
      }
    }
    if (!isSignedByGateway(registered, helloText(words), signature)) {
      return 'the hello is not signed by the registered key';
    }
    return undefined;
  }

  /**
   * A hub from a backup of before a rotation knows the key that was: where that one names the key of
   * now, the journal's own entry would say no more, and it cannot come before this hello is heard.
   */
  async #followKeys(address: GatewayAddress, hello: Hello): Promise<void> {
    const { gateway, site } = address;
    const registered = this.#book.gateway(gateway);
    const { rotations = [], signature, ...words } = hello;
    if (registered?.site !== site || rotations.length === 0) return;
    const text = helloText({ ...words, rotations });
    if (isSignedByGateway(registered, text, signature)) return;
    const isOneLine = rotations.every(
      (of, at) => at === 0 || of.fromKey === rotations[at - 1]?.key,
    );
    if (!isOneLine) return;
    const last = parseVerifyKey(rotations.at(-1)?.key ?? '');
    if (!last.ok || !last.value.verify(text, signature)) return;
    const recordedAt = this.#clock.nowMs();
    const isFollowed = await this.#book.write(async (tx) => {
      let isTaken = false;
      for (const payload of rotations) {
        if (await tx.takeRotation({ gateway, payload, recordedAt, site })) isTaken = true;
      }
      return {
        changes: { lanes: new Map(), nextPosition: this.#book.nextPosition },
        value: isTaken,
      };
    });
    if (!isFollowed) return;
    await this.#book.loadGateways();
    this.#log.warn({ gateway, site, keyId: last.value.keyId }, 'gateway.key-followed');
  }

  /** Most hellos only ask how far the hub is; those that move the lane are judged again in the write. */
  async #judge(address: GatewayAddress, hello: Hello): Promise<HelloVerdict> {
    const verdict = await this.#verdict(this.#book.committed, address, hello);
    if (verdict.type === 'continue' || verdict.type === 'refuse') return verdict;
    return await this.#book.write(async (tx) => await this.#move(tx, address, hello));
  }

  async #verdict(
    store: Pick<LaneTransaction, 'isReplacement' | 'recordedHash'>,
    { gateway }: GatewayAddress,
    hello: Hello,
  ): Promise<HelloVerdict> {
    const lane = this.#book.lane(gateway);
    const at = positionToCompare(lane, hello);
    const hash = at === undefined ? undefined : await store.recordedHash({ gateway, ...at });
    // A person who lets another box in decides for a halted lane too.
    const keyId = this.#book.gateway(gateway)?.key.keyId ?? '';
    const isReplacement = lane?.halted === true && (await store.isReplacement(lane, keyId));
    return judgeHello(lane, hello, hash, isReplacement);
  }

  async #move(tx: LaneTransaction, address: GatewayAddress, hello: Hello) {
    const { gateway } = address;
    const lane = this.#book.lane(gateway);
    const verdict = await this.#verdict(tx, address, hello);
    const lanes = new Map<string, Lane>();
    const nowMs = this.#clock.nowMs();
    if (verdict.type === 'begin-epoch') {
      lanes.set(gateway, await beginEpoch(tx, address, hello, lane, nowMs));
      this.#log.info({ gateway, epoch: hello.epoch.ordinal }, 'lane.epoch-begun');
    }
    if (verdict.type === 'halt' && lane !== undefined && !lane.halted) {
      lanes.set(gateway, { ...lane, halted: true, reason: verdict.reason });
      this.#log.error({ gateway, reason: verdict.reason }, 'lane.halted');
    }
    for (const moved of lanes.values()) await tx.saveLane(moved, nowMs);
    return { changes: { lanes, nextPosition: this.#book.nextPosition }, value: verdict };
  }
}

function readHello(data: Uint8Array): Hello | undefined {
  if (data.length > maxHelloBytes) return undefined;
  let raw: unknown;
  try {
    raw = JSON.parse(Buffer.from(data).toString('utf8'));
  } catch {
    return undefined;
  }
  const hello = validate(helloSchema, raw);
  return hello.ok ? hello.value : undefined;
}

async function beginEpoch(
  tx: LaneTransaction,
  { gateway, site }: GatewayAddress,
  { epoch }: Hello,
  before: Lane | undefined,
  nowMs: number,
): Promise<Lane> {
  const genesis = genesisHash(epoch, sha256Hex);
  await tx.beginEpoch(epoch, genesis, nowMs);
  return {
    gateway,
    site,
    epoch: epoch.ordinal,
    epochId: epoch.id,
    committed: 0,
    headHash: genesis,
    halted: false,
    reason: undefined,
    receiptNumber: before?.receiptNumber ?? 0,
  };
}
