import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';

/** What a certificate of a test is to be. */
export interface CertificateWish {
  readonly commonName: string;
  /** Who signs it; itself without one. */
  readonly by?: TestCertificate;
  readonly kind?: 'ca' | 'client' | 'plc' | 'server';
  /** RFC 5280, `YYYYMMDDHHMMSSZ`. */
  readonly from?: string;
  readonly to?: string;
  readonly rsaBits?: number;
  /** In place of those of its kind, as OpenSSL's configuration has them. */
  readonly extensions?: readonly string[];
  /** Further arguments of `openssl ca`, which say how it is signed. */
  readonly signing?: readonly string[];
}

export interface TestCertificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly pem: string;
  readonly key: string;
  readonly x509: X509Certificate;
}

const extensions = {
  ca: ['basicConstraints=critical,CA:true', 'keyUsage=keyCertSign,cRLSign'],
  client: ['basicConstraints=CA:false', 'extendedKeyUsage=clientAuth'],
  /** An OPC UA server of the application `urn:foreign:plc` (OPC UA Part 6, 6.2.2). */
  plc: [
    'basicConstraints=CA:false',
    'keyUsage=digitalSignature,nonRepudiation,keyEncipherment,dataEncipherment',
    'extendedKeyUsage=serverAuth',
    'subjectAltName=URI:urn:foreign:plc,IP:127.0.0.1',
  ],
  server: [
    'basicConstraints=CA:false',
    'extendedKeyUsage=serverAuth',
    'subjectAltName=IP:127.0.0.1,DNS:localhost',
  ],
};

/** Makes certificates with OpenSSL, with any dates; each call numbers its own. */
export function testCertificates(dir: string): (wish: CertificateWish) => TestCertificate {
  let count = 0;
  writeFileSync(join(dir, 'index.txt'), '');
  const openssl = opensslIn(dir);
  return ({ by, commonName, from, kind = 'client', rsaBits, signing = [], to, ...wish }) => {
    count += 1;
    const name = `c${count}`;
    const [certFile, keyFile] = [join(dir, `${name}.pem`), join(dir, `${name}.key`)];
    const key =
      rsaBits === undefined ? ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'] : [`rsa:${rsaBits}`];
    const subject = ['-subj', `/CN=${commonName}`, '-keyout', keyFile, '-out', `${name}.csr`];
    openssl('req', '-new', '-newkey', ...key, '-nodes', ...subject);
    writeFileSync(join(dir, `${name}.cnf`), configOf(wish.extensions ?? extensions[kind], count));
    writeFileSync(join(dir, 'serial'), count.toString(16).padStart(4, '0'));
    const signer =
      by === undefined
        ? ['-selfsign', '-keyfile', keyFile]
        : ['-cert', by.certFile, '-keyfile', by.keyFile];
    const dates = ['-startdate', from ?? '20000101000000Z', '-enddate', to ?? '20900101000000Z'];
    const asked = ['-in', `${name}.csr`, '-out', certFile, '-notext', ...signing];
    openssl('ca', '-batch', '-config', `${name}.cnf`, ...signer, ...dates, ...asked);
    const pem = readFileSync(certFile, 'utf8');
    return {
      certFile,
      keyFile,
      pem,
      key: readFileSync(keyFile, 'utf8'),
      x509: new X509Certificate(pem),
    };
  };
}

/**
 * The revocation list of a CA of `testCertificates(dir)`.
 *
 * @returns DER
 */
export function revocationList(
  dir: string,
  ca: TestCertificate,
  revoked: readonly TestCertificate[],
): Buffer {
  const file = join(dir, 'ca.cnf');
  writeFileSync(file, configOf(extensions.ca, 0));
  const by = ['ca', '-config', file, '-cert', ca.certFile, '-keyfile', ca.keyFile];
  const openssl = opensslIn(dir);
  for (const { certFile } of revoked) openssl(...by, '-revoke', certFile);
  openssl(...by, '-gencrl', '-crldays', '3650', '-out', 'list.pem');
  return openssl('crl', '-in', 'list.pem', '-outform', 'DER');
}

/** Its bytes with another signature: what a forger can make of a certificate that was seen. */
export function forged({ x509 }: TestCertificate): X509Certificate {
  const bytes = Buffer.from(x509.raw);
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) ^ 1;
  return new X509Certificate(bytes);
}

function opensslIn(cwd: string): (...args: string[]) => Buffer {
  // node-opcua sets OPENSSL_CONF for the process that it is loaded into.
  const { OPENSSL_CONF: _config, ...env } = process.env;
  return (...args) => execFileSync('openssl', args, { cwd, env, stdio: 'pipe' });
}

function configOf(lines: readonly string[], serial: number): string {
  return [
    '[ca]',
    'default_ca=d',
    '[d]',
    'database=index.txt',
    'serial=serial',
    'new_certs_dir=.',
    'default_md=sha256',
    'policy=p',
    'unique_subject=no',
    'x509_extensions=e',
    '[p]',
    'commonName=supplied',
    `[e]`,
    ...lines,
    `nsComment=${serial}`,
    '',
  ].join('\n');
}
