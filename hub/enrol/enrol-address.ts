import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Fault, messageOf } from '#contracts/fault.ts';
import type { HubConfig } from '../config/hub-config.ts';

/** Where gateways reach this hub, and whom they have to trust for it. */
interface EnrolAddress {
  readonly hubUrls: readonly string[];
  readonly natsServers: readonly string[];
  /** PEM. */
  readonly ca: string | undefined;
}

/**
 * What the config says of it; what it leaves out follows from where hub and nats-server listen.
 *
 * @throws Fault CONFIG_INVALID when the CA cannot be read.
 */
export async function enrolAddressOf(config: HubConfig): Promise<EnrolAddress> {
  const { enrolment = {}, http, nats, natsServer } = config;
  const caFile = enrolment.caFile ?? natsServer?.tls?.caFile;
  return {
    hubUrls: enrolment.hubUrls ?? [http.publicUrl ?? `http://${http.host}:${http.port}`],
    natsServers: enrolment.natsServers ?? nats.servers,
    ca: caFile === undefined ? undefined : await readCertificates(caFile),
  };
}

/** The certificates of a PEM file, and nothing else that may stand in it. */
async function readCertificates(file: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8');
    const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    if (found.length === 0) throw new Error('there is no certificate in it');
    return found.map((pem) => new X509Certificate(pem).toString()).join('');
  } catch (cause) {
    throw new Fault('CONFIG_INVALID', `${file} cannot be used as CA: ${messageOf(cause)}`, {
      cause,
    });
  }
}
