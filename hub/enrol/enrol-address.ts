import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { Fault, messageOf } from '#contracts/fault.ts';
import type { Sound } from '#contracts/sound-part.ts';
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
  const { enrolment = {}, http, nats } = config;
  const ca = caFileOf(config);
  return {
    hubUrls: enrolment.hubUrls ?? [http.publicUrl ?? `http://${http.host}:${http.port}`],
    natsServers: enrolment.natsServers ?? nats.servers,
    ca: ca === undefined ? undefined : await caOf(ca.file),
  };
}

/**
 * The CA as its file holds it whenever it is asked for, so that a renewed one takes no restart. While
 * the file cannot be read, the last that could.
 */
export function rereadingCa(
  config: HubConfig,
  first: string | undefined,
  log: Logger,
): () => Promise<string | undefined> {
  let last = first;
  return async () => {
    try {
      last = (await enrolAddressOf(config)).ca;
    } catch (error) {
      log.error({ reason: messageOf(error) }, 'enrol.ca-unreadable');
    }
    return last;
  };
}

/** The file of the CA that gateways are given, and the setting that names it (JSON pointer). */
export function caFileOf({
  enrolment,
  natsServer,
}: Sound<HubConfig>): { readonly path: string; readonly file: string } | undefined {
  const [own, ofNats] = [enrolment?.caFile, natsServer?.tls?.caFile];
  if (own !== undefined) return { path: '/enrolment/caFile', file: own };
  return ofNats === undefined ? undefined : { path: '/natsServer/tls/caFile', file: ofNats };
}

async function caOf(file: string): Promise<string> {
  try {
    return await readCertificates(file);
  } catch (cause) {
    throw new Fault('CONFIG_INVALID', `${file} cannot be used as CA: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** The certificates of a PEM file, and nothing else that may stand in it. Throws where none is. */
export async function readCertificates(file: string): Promise<string> {
  const text = await readFile(file, 'utf8');
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (found.length === 0) throw new Error('there is no certificate in it');
  return found.map((pem) => new X509Certificate(pem).toString()).join('');
}
