import { createPrivateKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import type { Logger } from 'pino';
import { keyRotationText } from '#contracts/chain.ts';
import { messageOf, refuse, succeed, type Result } from '#contracts/fault.ts';
import type { GatewayAddress } from '#contracts/subjects.ts';
import type { IntakeBody } from '../intake/intake-entry.ts';
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

  constructor(options: KeyRotationOptions) {
    this.#options = options;
    this.#nextFile = `${options.signingKeyFile}.next`;
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
    await append({ type: 'key-rotated', fromKey, key, keyId: keyIdOf(raw), proof, signature });
  }
}
