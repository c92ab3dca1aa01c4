import { existsSync, renameSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { OPCUACertificateManager } from 'node-opcua';
import type { CertificateInfo } from './certificate-info.ts';
import { listCertificates } from './certificate-list.ts';
import type { ClientApplication } from './opcua-trust.ts';

/** Whose connection it is. */
export interface LinkOwner {
  readonly site: string;
  readonly gateway: string;
}

const dayMs = 86_400_000;
const validDays = 3650;
/** A clock that stands before this was not set yet: the certificate is to be good once it is. */
const unsetBeforeMs = Date.UTC(2026, 0, 1);
/** Of a common name (X.520, ub-common-name). */
const maxCommonName = 64;

/** The gateway's certificate of one connection, if it has one yet. */
export function ownCertificate(pkiDir: string): CertificateInfo | undefined {
  return listCertificates(pkiDir).find(({ list }) => list === 'own');
}

/**
 * How the gateway names itself to one server. A certificate that is there says how: servers trust
 * it by that name, so that one of an earlier release keeps it until it is renewed.
 */
export function applicationOf(
  { gateway, site }: LinkOwner,
  device: string,
  pkiDir: string,
): ClientApplication {
  const applicationUri = `urn:holdfast:${site}:${gateway}:${device}`;
  const known = ownCertificate(pkiDir)?.applicationUri;
  return { applicationName: 'Holdfast', applicationUri: known ?? applicationUri };
}

/** Makes the gateway's certificate of one connection, where it has none. */
export async function ensureOwnCertificate(
  store: OPCUACertificateManager,
  { gateway, site }: LinkOwner,
  { applicationUri }: ClientApplication,
  nowMs: number,
): Promise<void> {
  const file = join(store.rootDir, 'own', 'certs', 'client_certificate.pem');
  if (existsSync(file)) return;
  const making = `${file}.new`;
  // Clocks of PLCs run behind.
  const startMs = nowMs - dayMs;
  const endMs = Math.max(nowMs, unsetBeforeMs) + validDays * dayMs;
  await store.createSelfSignedCertificate({
    applicationUri,
    dns: [hostname()],
    outputFile: making,
    startDate: new Date(startMs),
    subject: `/O=Holdfast/CN=${`${site} ${gateway}`.slice(0, maxCommonName)}`,
    validity: Math.ceil((endMs - startMs) / dayMs),
  });
  // Whole or not at all: a command may be at work beside the gateway.
  renameSync(making, file);
}
