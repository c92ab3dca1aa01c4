import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FloorSecret } from '#contracts/api/floor-secret-api.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { loadIdentity } from './identity.ts';

/** Where a key, a secret or a certificate lies, since when, and what tells it from another. */
export type SecretPlace = FloorSecret;

const expiringMs = 30 * 86_400_000;

/**
 * Everything secret that a gateway has, by the files it lies in, and its certificates. Contents are
 * never part of it: keys are told by the fingerprint of their public half, passwords by nothing.
 *
 * @param nowMs trusted time, which certificates are compared with
 */
export function secretPlaces(config: GatewayConfig, nowMs: number): SecretPlace[] {
  const { hub, http, mqtt, feed, floor, devices, dataDir } = config;
  const keys = publicHalves(hub);
  const tls = 'tls' in mqtt ? mqtt.tls : undefined;
  return [
    secretFile('login to the hub', hub.loginSeedFile, keys?.login),
    secretFile('signing key of the journal', hub.signingKeyFile, keys?.signing),
    ...optional('next signing key, until the hub knows it', nextKeyOf(hub)),
    ...certificate('certificate to the hub', hub.tls?.certFile, nowMs),
    ...optional('key of the certificate to the hub', hub.tls?.keyFile),
    ...certificate('CA of the hub', hub.tls?.caFile, nowMs),
    secretFile('token of the HTTP interface', http.tokenFile),
    ...people(dataDir, floor?.peopleFile),
    ...optionalIn(dataDir, 'floor-sessions.json', 'sessions of the floor page, as hashes'),
    ...certificate('certificate for devices', tls?.certFile, nowMs),
    ...optional('key of the certificate for devices', tls?.keyFile),
    ...certificate('CA of devices', tls?.clientCaFile, nowMs),
    ...optional('token of the warehouse system', feed?.tokenFile),
    ...(feed?.targets ?? []).flatMap((target) => [
      ...optional(`secret of feed target ${target.id}`, target.webhook?.secretFile),
      ...optional(`password of feed target ${target.id}`, target.mqtt?.passwordFile),
    ]),
    ...deviceSecrets(devices),
    ...devices
      .filter(({ opcua }) => opcua !== undefined)
      .flatMap(({ id }) => {
        const own = join(dataDir, 'pki', id, 'own');
        const shown = join(own, 'certs/client_certificate.pem');
        return isThere(shown)
          ? [
              ...certificate(`certificate to PLC ${id}`, shown, nowMs),
              secretFile(
                `key of the certificate to PLC ${id}`,
                join(own, 'private/private_key.pem'),
              ),
            ]
          : [];
      }),
  ];
}

/** The gateway's own list is not missed where the hub keeps the people. */
function people(dataDir: string, own: string | undefined): SecretPlace[] {
  const what = 'people from the hub, passwords as hashes';
  const fromHub = optionalIn(dataDir, 'people-from-hub.json', what);
  if (own === undefined || (fromHub.length > 0 && !isThere(own))) return fromHub;
  return [secretFile('people of the floor page, passwords as hashes', own), ...fromHub];
}

/** While it is being rotated. */
function nextKeyOf({ signingKeyFile }: GatewayConfig['hub']): string | undefined {
  const next = `${signingKeyFile}.next`;
  return isThere(next) ? next : undefined;
}

/** Nothing where a key cannot be read: its own line says why. */
function publicHalves(hub: GatewayConfig['hub']) {
  try {
    const { publicNkey, keyId } = loadIdentity(hub);
    return { login: publicNkey, signing: keyId };
  } catch {
    return undefined;
  }
}

/** One line for each folder: thousands of devices have as many passwords. */
function deviceSecrets(devices: GatewayConfig['devices']): SecretPlace[] {
  const byFolder = new Map<string, string[]>();
  for (const { mqtt, opcua, http } of devices) {
    for (const file of [mqtt?.passwordFile, opcua?.passwordFile, http?.tokenFile]) {
      if (file === undefined) continue;
      const folder = join(file, '..');
      byFolder.set(folder, [...(byFolder.get(folder) ?? []), file]);
    }
  }
  return [...byFolder].map(([folder, files]) => {
    const places = files.map((file) => secretFile('', file));
    const trouble = places.filter(({ fault }) => fault !== undefined);
    const ages = places.flatMap(({ changedAt }) => (changedAt === undefined ? [] : [changedAt]));
    const [first] = trouble;
    const more = trouble.length > 1 ? ` and ${trouble.length - 1} more` : '';
    return {
      what: `passwords and tokens of devices (${files.length})`,
      path: folder,
      ...(ages.length > 0 && { changedAt: Math.min(...ages) }),
      ...(first && { fault: `${first.path}: ${first.fault ?? ''}${more}`.slice(0, 300) }),
    };
  });
}

/** Of the data folder, where there is one. */
function optionalIn(dataDir: string, name: string, what: string): SecretPlace[] {
  const path = join(dataDir, name);
  return isThere(path) ? [secretFile(what, path)] : [];
}

function optional(what: string, path: string | undefined): SecretPlace[] {
  return path === undefined ? [] : [secretFile(what, path)];
}

function secretFile(what: string, path: string, fingerprint?: string): SecretPlace {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return { what, path, fault: 'is not there' };
  const mode = (stat.mode & 0o777).toString(8).padStart(4, '0');
  const open = (stat.mode & 0o077) !== 0;
  return {
    what,
    path,
    mode,
    changedAt: Math.floor(stat.mtimeMs),
    ...(fingerprint !== undefined && { fingerprint }),
    ...(open && { fault: `others may read it: chmod 600 ${path}`.slice(0, 300) }),
  };
}

/** A certificate is public, so its mode does not matter; its date does. */
function certificate(what: string, path: string | undefined, nowMs: number): SecretPlace[] {
  if (path === undefined) return [];
  let read: X509Certificate;
  try {
    read = new X509Certificate(readFileSync(path));
  } catch {
    return [{ what, path, fault: 'cannot be read as a certificate' }];
  }
  const expiresAt = read.validToDate.getTime();
  const fault =
    expiresAt <= nowMs
      ? 'has expired'
      : expiresAt - nowMs < expiringMs
        ? 'expires soon: renew it'
        : undefined;
  const { mtimeMs } = statSync(path);
  const fingerprint = read.fingerprint256.replaceAll(':', '').toLowerCase().slice(0, 16);
  const place = { what, path, changedAt: Math.floor(mtimeMs), expiresAt, fingerprint };
  return [{ ...place, ...(fault !== undefined && { fault }) }];
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
