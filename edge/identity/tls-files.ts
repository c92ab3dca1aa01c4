import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { messageOf } from '#contracts/fault.ts';

/** Where a listener's key and certificates lie. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly clientCaFile?: string | undefined;
}

/** What a listener for TLS needs, read and found to fit together. PEM. */
export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
  /** Of `cert`, the first. */
  readonly own: X509Certificate;
  /** Who may sign the certificates of devices; empty where nobody may. */
  readonly clientCas: readonly X509Certificate[];
}

/** What is wrong with one of the files, as whoever keeps them needs to hear it. */
export interface TlsFileFault {
  readonly key: keyof TlsFiles;
  readonly code:
    | 'unreadable'
    | 'mismatch'
    | 'open-to-others'
    | 'expired'
    | 'not-yet-valid'
    | 'expiring';
  readonly message: string;
  readonly remedy: string;
}

const dayMs = 86_400_000;
const expiringMs = 30 * dayMs;

/**
 * Reads key and certificates of a listener. None of their faults is a reason to stop: what can be
 * used is used, and what cannot leaves a listener as it was.
 *
 * @param nowMs trusted time, which the dates of the certificate are compared with
 * @returns material where it can be used, beside all that is wrong or will be
 */
export function readTlsFiles(
  files: TlsFiles,
  nowMs: number,
): { readonly material: TlsMaterial | undefined; readonly faults: readonly TlsFileFault[] } {
  const faults: TlsFileFault[] = [];
  const read = <T>(key: keyof TlsFiles, parse: (text: string) => T): T | undefined => {
    const file = files[key] ?? '';
    try {
      return parse(readFileSync(file, 'utf8'));
    } catch (error) {
      const message = `${file} cannot be used: ${messageOf(error)}`;
      faults.push({ key, code: 'unreadable', message, remedy: remedies[key] });
      return undefined;
    }
  };
  const cert = read('certFile', (text) => ({ text, own: new X509Certificate(text) }));
  const key = read('keyFile', (text) => ({ text, own: createPrivateKey(text) }));
  const clientCas = files.clientCaFile === undefined ? [] : read('clientCaFile', certificatesIn);
  if (key !== undefined) faults.push(...modeFaults(files.keyFile));
  if (cert === undefined || key === undefined || clientCas === undefined) {
    return { material: undefined, faults };
  }
  const misfit = misfitOf(cert, key, files);
  if (misfit !== undefined) return { material: undefined, faults: [...faults, misfit] };
  faults.push(...dateFaults(cert.own, files.certFile, nowMs));
  return { material: { cert: cert.text, key: key.text, own: cert.own, clientCas }, faults };
}

/** SHA-256 over what the files hold; of one that cannot be read, nothing. */
export function tlsFilesDigest({ certFile, clientCaFile, keyFile }: TlsFiles): string {
  const digest = createHash('sha256');
  for (const file of [certFile, keyFile, clientCaFile ?? '']) {
    let content = Buffer.alloc(0);
    try {
      if (file !== '') content = readFileSync(file);
    } catch {
      // What cannot be read is said where it is used.
    }
    digest.update(`${content.length}\n`).update(content);
  }
  return digest.digest('hex');
}

const remedies: Readonly<Record<keyof TlsFiles, string>> = {
  certFile: 'Put the certificate there, in PEM, with those of its issuers behind it.',
  keyFile: 'Put the private key there, in PEM, unencrypted, with mode 0600.',
  clientCaFile: 'Put the certificates there, in PEM, of those who sign for devices.',
};

function misfitOf(
  cert: { readonly text: string; readonly own: X509Certificate },
  key: { readonly text: string; readonly own: ReturnType<typeof createPrivateKey> },
  { certFile, keyFile }: TlsFiles,
): TlsFileFault | undefined {
  if (!cert.own.checkPrivateKey(key.own)) {
    const message = `${keyFile} is not the key of ${certFile}`;
    const remedy = 'Put both there as they were made together; then apply.';
    return { key: 'keyFile', code: 'mismatch', message, remedy };
  }
  try {
    createSecureContext({ cert: cert.text, key: key.text });
    return undefined;
  } catch (error) {
    const message = `${certFile} cannot be used: ${messageOf(error)}`;
    return { key: 'certFile', code: 'unreadable', message, remedy: remedies.certFile };
  }
}

function modeFaults(file: string): TlsFileFault[] {
  const mode = (statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o777;
  if ((mode & 0o077) === 0) return [];
  const message = `${file} may be read by others (mode ${mode.toString(8)})`;
  const remedy = `Run: chmod 600 ${file}; if anybody may have copied it, make another.`;
  return [{ key: 'keyFile', code: 'open-to-others', message, remedy }];
}

function dateFaults(own: X509Certificate, file: string, nowMs: number): TlsFileFault[] {
  const found = (code: TlsFileFault['code'], message: string, remedy: string): TlsFileFault[] => [
    { key: 'certFile', code, message: `${file} ${message}`, remedy },
  ];
  const [from, to] = [own.validFromDate, own.validToDate].map((at) =>
    at.toISOString().slice(0, 10),
  );
  const remedy = 'Put a new one there, with its key, and apply: who is connected stays.';
  if (nowMs >= own.validToDate.getTime()) {
    return found('expired', `has expired on ${to}; devices that check it do not connect`, remedy);
  }
  if (nowMs < own.validFromDate.getTime()) {
    return found('not-yet-valid', `is not valid before ${from}`, "Look at this machine's clock.");
  }
  if (own.validToDate.getTime() - nowMs > expiringMs) return [];
  return found('expiring', `expires on ${to}`, remedy);
}

/** All certificates of a PEM file. @throws where there is none, or one cannot be read. */
function certificatesIn(text: string): X509Certificate[] {
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (found.length === 0) throw new Error('there is no certificate in it');
  return found.map((pem) => new X509Certificate(pem));
}
