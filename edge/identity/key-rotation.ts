import { createPrivateKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import type { Logger } from 'pino';
import { keyRotationText } from '#contracts/chain.ts';
import type { EventPayload } from '#contracts/event-kinds.ts';
import { messageOf, refuse, succeed, type Result } from '#contracts/fault.ts';
import type { GatewayAddress } from '#contracts/subjects.ts';
import type { IntakeBody } from '../intake/intake-entry.ts';
import { writeFileDurably } from '../journal/durable-file.ts';
import type { Identity } from './identity.ts';
import { keyIdOf, rawPublicKey } from './public-key.ts';
import { readSecretFile, syncFolderOf, writeSecretFile } from './secret-file.ts';

export interface KeyRotationOptions {
  readonly address: GatewayAddress;
  /** Of the key that signs now; the next lies beside it as `….next`. */
  readonly signingKeyFile: string;
  readonly identity: Identity;
  /** Makes an entry durable. @throws Fault UNAVAILABLE where it cannot be. */
  readonly append: (body: IntakeBody) => Promise<void>;
  readonly log: Logger;
}

type KeyRotated = EventPayload<'gateway.key-rotated'>;

/** As many as a hello may name. */
const mostKept = 20;

/** By key ids: what signs now, and what is to. */
export interface RotationView {
  readonly keyId: string;
  readonly nextKeyId: string;
}

/**
 * Changes the key that signs the journal. The next key is made here and named in the chain by the
 * one before; that one goes on signing until the hub says that it knows the next, so that nothing is
 * ever signed by a key that the hub has not heard of. Every step may be the last before a power cut:
 * the file of the next key is what goes on.
 */
export class KeyRotation {
  readonly #options: KeyRotationOptions;
  readonly #nextFile: string;
  /** Public: what the journal says of rotations. */
  readonly #file: string;

  constructor(options: KeyRotationOptions) {
    this.#options = options;
    this.#nextFile = `${options.signingKeyFile}.next`;
    this.#file = `${options.signingKeyFile}.rotations.json`;
  }

  /** Goes on with a rotation that was under way. @throws Fault IDENTITY_MISSING, UNAVAILABLE */
  async resume(): Promise<void> {
    if (existsSync(this.#nextFile)) await this.#name(this.#readNext());
  }

  /**
   * Makes the next key and names it in the journal. Under way already: says so once more.
   *
   * @throws Fault UNAVAILABLE where nothing can be made durable now; asked again, it goes on.
   */
  async begin(): Promise<Result<RotationView>> {
    const { identity, log } = this.#options;
    if (!existsSync(this.#nextFile)) {
      const { privateKey } = generateKeyPairSync('ed25519');
      const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      writeSecretFile(this.#nextFile, pem);
    }
    const next = this.#readNext();
    const nextKeyId = keyIdOf(rawPublicKey(next));
    if (nextKeyId === identity.keyId) return refuse('CONFLICT', 'the next key is the one in use');
    await this.#name(next);
    log.warn({ keyId: identity.keyId, nextKeyId }, 'identity.rotation-begun');
    return succeed({ keyId: identity.keyId, nextKeyId });
  }

  /**
   * How the key in use came about, the oldest first: for a hub that knows one from before. Nothing of
   * what was rotated by a release that did not keep it.
   */
  rotations(): readonly KeyRotated[] {
    const all = this.#read();
    const last = all.findLastIndex(({ keyId }) => keyId === this.#options.identity.keyId);
    return all.slice(0, last + 1);
  }

  /** The hub knows the gateway by this key. What fails is tried again when it says so again. */
  hubKnows(keyId: string): void {
    const { identity, log, signingKeyFile } = this.#options;
    if (!existsSync(this.#nextFile)) return;
    try {
      const next = this.#readNext();
      if (keyIdOf(rawPublicKey(next)) !== keyId) return;
      renameSync(this.#nextFile, signingKeyFile);
      syncFolderOf(signingKeyFile);
      const former = identity.keyId;
      identity.signFromNowWith(next);
      log.warn({ keyId, former }, 'identity.rotated');
    } catch (error) {
      log.error({ reason: messageOf(error) }, 'identity.rotation-waits');
    }
  }

  #readNext(): KeyObject {
    return createPrivateKey(readSecretFile(this.#nextFile, 'the next signing key'));
  }

  /** Said again it is one event: whoever was interrupted need not know whether it was said. */
  async #name(next: KeyObject): Promise<void> {
    const { address, append, identity } = this.#options;
    const raw = rawPublicKey(next);
    const [fromKey, key] = [identity.signingPublicKey, raw.toString('base64')];
    // Renamed by a process that died before it could go on.
    if (fromKey === key) return;
    const text = keyRotationText({ ...address, fromKey, key });
    const proof = sign(null, Buffer.from(text, 'utf8'), next).toString('base64');
    const signature = identity.sign(text);
    const rotation = { fromKey, key, keyId: keyIdOf(raw), proof, signature };
    await append({ type: 'key-rotated', ...rotation });
    this.#keep(rotation);
  }

  /** The last is the one that leads to the key in use, or to the next one. */
  #keep(rotation: KeyRotated): void {
    const kept = this.#read().filter(({ key }) => key !== rotation.key);
    const all = [...kept, rotation].slice(-mostKept);
    writeFileDurably(this.#file, `${JSON.stringify(all)}\n`, 0o600);
  }

  #read(): KeyRotated[] {
    if (!existsSync(this.#file)) return [];
    try {
      return JSON.parse(readFileSync(this.#file, 'utf8')) as KeyRotated[];
    } catch (error) {
      // The journal has them too; what is lost is a way back that a token gives as well.
      this.#options.log.warn({ reason: messageOf(error) }, 'identity.rotations-unreadable');
      return [];
    }
  }
}
