import type { Logger } from 'pino';
import { encodeCanonical } from '#contracts/canonical.ts';
import {
  downlinkAnswerText,
  downlinkRequestText,
  signedDownlinkRequest,
  type DownlinkAnswer,
  type DownlinkPull,
  type DownlinkRequest,
} from '#contracts/downlink.ts';
import type { GatewayAddress } from '#contracts/subjects.ts';
import { validate } from '#contracts/validate.ts';
import { sha256Hex } from '../intake/wire-crypto.ts';
import type { DownlinkAuthor } from './append-downlink.ts';
import type { DownlinkBook } from './downlink-book.ts';

/** Twenty outcomes with twenty faults each are below half of it. */
const maxRequestBytes = 1_048_576;

export interface DownlinkResponderParts {
  readonly author: DownlinkAuthor;
  readonly book: DownlinkBook;
  /** Whether a registered gateway's own key signed a text. */
  readonly isSigned: (address: GatewayAddress, text: string, signature: string) => Promise<boolean>;
  /** The id of a gateway's signing key, while the one before still counts too. */
  readonly knownAs: (gateway: string) => string | undefined;
  /** What a gateway says of itself is other than before. */
  readonly changed: (site: string) => void;
  readonly log: Logger;
}

/** Answers gateways that ask for their log. */
export class DownlinkResponder {
  readonly #parts: DownlinkResponderParts;

  constructor(parts: DownlinkResponderParts) {
    this.#parts = parts;
  }

  /** @returns the answer; undefined where none is due, which the log explains. */
  async answer(
    address: GatewayAddress,
    data: Uint8Array,
  ): Promise<string | Uint8Array | undefined> {
    const { log } = this.#parts;
    const { gateway } = address;
    const read = readRequest(data);
    if (read === undefined) {
      log.warn({ gateway, bytes: data.length }, 'downlink.unreadable');
      return undefined;
    }
    const { request, signature } = read;
    const text = downlinkRequestText(request);
    const isOwn =
      request.gateway === gateway &&
      request.site === address.site &&
      request.tenant === address.tenant &&
      (await this.#parts.isSigned(address, text, signature));
    if (!isOwn) {
      log.warn({ gateway, site: address.site }, 'downlink.refused');
      return undefined;
    }
    if (request.type === 'pull') return await this.#pull(address, request, text);
    return await this.#read(gateway, request.seq, request.offset);
  }

  async #pull(address: GatewayAddress, pull: DownlinkPull, text: string): Promise<string> {
    const { author, book, changed } = this.#parts;
    const { tenant, site, gateway } = address;
    const atMs = author.clock.nowMs();
    const pulled = await book.pull(site, pull, atMs);
    this.#tell(gateway, pull);
    if (pulled.changed) changed(site);
    const { entry, latest, number } = pulled;
    const keyId = this.#parts.knownAs(gateway);
    const answer: DownlinkAnswer = {
      atMs,
      entry,
      gateway,
      ...(keyId !== undefined && { keyId }),
      latest,
      number,
      request: sha256Hex(text),
      site,
      tenant,
      v: 1,
    };
    return encodeCanonical({ answer, signature: author.key.sign(downlinkAnswerText(answer)) });
  }

  #tell(gateway: string, { outcomes }: DownlinkPull): void {
    for (const { kind, seq, result, code, text } of outcomes) {
      const bad = result === 'refused' || result === 'returned';
      const level = bad ? 'warn' : 'info';
      this.#parts.log[level]({ gateway, kind, seq, result, code, text }, 'downlink.outcome');
    }
  }

  async #read(gateway: string, seq: number, offset: number): Promise<Uint8Array | undefined> {
    const bytes = await this.#parts.book.chunk(gateway, seq, offset);
    if (bytes === undefined) return undefined;
    const head = `${encodeCanonical({ offset, seq, type: 'chunk', v: 1 })}\n`;
    return Buffer.concat([Buffer.from(head), bytes]);
  }
}

function readRequest(
  data: Uint8Array,
): { request: DownlinkRequest; signature: string } | undefined {
  if (data.length > maxRequestBytes) return undefined;
  let raw: unknown;
  try {
    raw = JSON.parse(Buffer.from(data).toString('utf8'));
  } catch {
    return undefined;
  }
  const read = validate(signedDownlinkRequest, raw);
  return read.ok ? read.value : undefined;
}
