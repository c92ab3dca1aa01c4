import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { refuse, succeed } from '#contracts/fault.ts';
import type { Result } from '#contracts/fault.ts';
import { certificateInfo } from './certificate-info.ts';
import type { CertificateInfo } from './certificate-info.ts';

/** Where a certificate lies in the store of one connection. */
export const certificateLists = ['own', 'trusted', 'rejected'] as const;
export type CertificateListName = (typeof certificateLists)[number];

export interface ListedCertificate extends CertificateInfo {
  readonly list: CertificateListName;
  readonly file: string;
}

const folders: Readonly<Record<CertificateListName, string>> = {
  own: join('own', 'certs'),
  trusted: join('trusted', 'certs'),
  rejected: 'rejected',
};

/** Every certificate in the store at `pkiDir`; none where there is no store yet. */
export function listCertificates(pkiDir: string): ListedCertificate[] {
  return certificateLists.flatMap((list) => {
    const folder = join(pkiDir, folders[list]);
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .filter((file) => /\.(?:pem|der|crt)$/.test(file))
      .sort()
      .flatMap((name) => {
        const file = join(folder, name);
        const info = certificateInfo(readFileSync(file));
        return info === undefined ? [] : [{ ...info, list, file }];
      });
  });
}

/**
 * Puts a server's certificate on the trusted or the rejected list. A link that is up stays up: the
 * lists are looked at whenever one is opened.
 *
 * @param thumbprint the whole or the beginning, at least 8 digits
 * @returns refusal NOT_FOUND, or CONFLICT where the beginning fits several.
 */
export function moveCertificate(
  pkiDir: string,
  thumbprint: string,
  to: Exclude<CertificateListName, 'own'>,
): Result<ListedCertificate> {
  const found = findServerCertificate(pkiDir, thumbprint);
  if (!found.ok) return found;
  const { file, list, ...info } = found.value;
  if (list === to) return succeed(found.value);
  const folder = join(pkiDir, folders[to]);
  mkdirSync(folder, { recursive: true });
  const moved = join(folder, `certificate[${info.thumbprint}].pem`);
  renameSync(file, moved);
  return succeed({ ...info, list: to, file: moved });
}

/**
 * Forgets the gateway's own certificate, so that the next connection makes a new one for the same
 * key. The server must then trust that one.
 *
 * @returns the certificate that was there, if any.
 */
export function dropOwnCertificate(pkiDir: string): ListedCertificate | undefined {
  const own = listCertificates(pkiDir).find(({ list }) => list === 'own');
  if (own !== undefined) rmSync(own.file);
  return own;
}

function findServerCertificate(pkiDir: string, thumbprint: string): Result<ListedCertificate> {
  const wanted = thumbprint.replaceAll(':', '').toLowerCase();
  const fitting = listCertificates(pkiDir).filter(
    (one) => one.list !== 'own' && one.thumbprint.startsWith(wanted),
  );
  const [first] = fitting;
  if (wanted.length < 8 || first === undefined) {
    return refuse(
      'NOT_FOUND',
      `no server certificate begins with ${wanted}; name 8 digits or more`,
    );
  }
  if (new Set(fitting.map((one) => one.thumbprint)).size > 1) {
    return refuse('CONFLICT', `several certificates begin with ${wanted}: name more of it`);
  }
  // The same certificate may lie in both lists after one was put there by hand.
  return succeed(fitting.find(({ list }) => list === 'rejected') ?? first);
}
