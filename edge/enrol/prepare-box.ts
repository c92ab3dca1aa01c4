import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keepOrCreateIdentity, type Identity } from '../identity/identity.ts';
import { writeNewFile, writeSecretFile } from '../identity/secret-file.ts';

/** Keys and the token of the HTTP interface in `keys` of a folder; what is there is kept. */
export function prepareBox(dir: string): Identity {
  const keys = join(dir, 'keys');
  mkdirSync(keys, { recursive: true, mode: 0o700 });
  const { identity } = keepOrCreateIdentity(keys);
  const httpToken = join(keys, 'http.token');
  if (!existsSync(httpToken)) {
    writeSecretFile(httpToken, `${randomBytes(32).toString('base64url')}\n`);
  }
  return identity;
}

/** Writes `hub-ca.pem`; a run before may have. @throws Fault CONFLICT where it is somebody else's. */
export function writeHubCa(dir: string, ca: string | undefined): void {
  const file = join(dir, 'hub-ca.pem');
  if (ca === undefined || (existsSync(file) && readFileSync(file, 'utf8') === ca)) return;
  writeNewFile(file, ca, 0o644);
}
