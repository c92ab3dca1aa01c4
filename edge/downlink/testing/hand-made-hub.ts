import { hash } from 'node:crypto';
import { encodeCanonical } from '#contracts/canonical.ts';
import {
  downlinkAnswerText,
  downlinkChunkBytes,
  downlinkEntryText,
  downlinkRequestText,
  type DownlinkAnswer,
  type DownlinkEntry,
  type DownlinkPull,
  type DownlinkRequest,
  type SignedDownlinkEntry,
} from '#contracts/downlink.ts';
import type { GatewayAddress } from '#contracts/subjects.ts';
import type { Identity } from '../../identity/identity.ts';
import { verifySignature } from '../../identity/verify-signature.ts';

/** The hub's half of the downlink in memory, which a test may make lie. */
export class HandMadeHub {
  readonly pulls: DownlinkPull[] = [];
  readonly entries: SignedDownlinkEntry[] = [];
  readonly contents = new Map<number, string>();
  /** Nobody answers while it is away. */
  away = false;
  number = 0;
  /** What is answered in the place of the next entry. */
  lie: ((next: SignedDownlinkEntry | null) => SignedDownlinkEntry | null) | undefined;
  lieOfAnswer: ((answer: DownlinkAnswer) => DownlinkAnswer) | undefined;
  signer: Pick<Identity, 'sign'>;
  readonly #address: GatewayAddress;
  readonly #gatewayKey: string;

  constructor(address: GatewayAddress, signer: Pick<Identity, 'sign'>, gatewayKey: string) {
    this.#address = address;
    this.signer = signer;
    this.#gatewayKey = gatewayKey;
  }

  append(content: string, kind = 'config', of: Partial<DownlinkEntry> = {}): number {
    const previous = this.entries.at(-1)?.entry.seq ?? 0;
    const entry: DownlinkEntry = {
      ...this.#address,
      atMs: 1_800_000_000_000,
      bytes: Buffer.byteLength(content),
      hash: hash('sha256', content),
      kind,
      previous,
      seq: previous + 1,
      v: 1,
      ...of,
    };
    const signature = this.signer.sign(downlinkEntryText(entry));
    this.entries.push({ entry, signature });
    this.contents.set(entry.seq, content);
    return entry.seq;
  }

  async requestDownlink(text: string): Promise<Uint8Array> {
    await Promise.resolve();
    if (this.away) throw new Error('nobody is there');
    const { request, signature } = JSON.parse(text) as {
      request: DownlinkRequest;
      signature: string;
    };
    const signed = downlinkRequestText(request);
    if (!verifySignature(this.#gatewayKey, signed, signature)) throw new Error('not signed');
    if (request.type === 'read') {
      const content = Buffer.from(this.contents.get(request.seq) ?? '');
      const { offset, seq } = request;
      const head = `${encodeCanonical({ offset, seq, type: 'chunk', v: 1 })}\n`;
      return Buffer.concat([
        Buffer.from(head),
        content.subarray(offset, offset + downlinkChunkBytes),
      ]);
    }
    return Buffer.from(this.#answer(request, hash('sha256', signed)));
  }

  #answer(pull: DownlinkPull, request: string): string {
    this.pulls.push(pull);
    this.number = Math.max(this.number, pull.number);
    const next = this.entries.find(({ entry }) => entry.seq > pull.settled) ?? null;
    const honest: DownlinkAnswer = {
      ...this.#address,
      atMs: 1_800_000_000_000,
      entry: this.lie === undefined ? next : this.lie(next),
      latest: this.entries.at(-1)?.entry.seq ?? 0,
      number: this.number,
      request,
      v: 1,
    };
    const answer = this.lieOfAnswer?.(honest) ?? honest;
    return encodeCanonical({ answer, signature: this.signer.sign(downlinkAnswerText(answer)) });
  }
}
