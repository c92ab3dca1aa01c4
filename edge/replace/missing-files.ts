import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import type { ConfigFault } from '#contracts/config-fault.ts';
import { listCertificates } from '../../devices/plc/certificate-list.ts';
import type { DeviceConfig, GatewayConfig } from '../config/gateway-config.ts';
import { locateFaults } from '../config/load-config.ts';
import { pkiFolder } from '../config/plc-settings.ts';
import type { Sound } from '#contracts/sound-part.ts';

/**
 * What a config needs that lay on the former box alone and keeps no gateway from starting: without it
 * devices are turned away, or the gateway is. Secrets that are not there are faults of the config.
 *
 * @param text of the config, sound or not; `file` is where it stands
 */
export function missingFiles(text: string, file: string): ConfigFault[] {
  const folder = dirname(resolve(file));
  const { dataDir, devices, hub, mqtt } = readLoosely(text);
  const data = resolve(folder, typeof dataDir === 'string' ? dataDir : 'data');
  const all: readonly (Sound<DeviceConfig> | undefined)[] = Array.isArray(devices) ? devices : [];
  const missing = (path: string, named: unknown, remedy: string): ConfigFault[] => {
    if (typeof named !== 'string' || existsSync(resolve(folder, named))) return [];
    return [{ path, value: named, message: 'names a file that is not there', remedy }];
  };
  const found = [
    ...missing('/mqtt/tls/certFile', mqtt?.tls?.certFile, remedies.deviceCert),
    ...missing('/mqtt/tls/keyFile', mqtt?.tls?.keyFile, remedies.deviceKey),
    ...missing('/mqtt/tls/clientCaFile', mqtt?.tls?.clientCaFile, remedies.deviceCa),
    ...missing('/hub/tls/caFile', hub?.tls?.caFile, remedies.hubCa),
    ...missing('/hub/tls/certFile', hub?.tls?.certFile, remedies.hubCert),
    ...all.flatMap((device, index) => {
      const { id, opcua } = device ?? {};
      if (typeof opcua !== 'object' || typeof id !== 'string') return [];
      const pki = pkiFolder({ dataDir: data }, id);
      return plcFaults(`/devices/${index}/opcua`, pki, id, opcua.trustFirst === true);
    }),
  ];
  return locateFaults(found, text);
}

/** As far as it can be read; what is wrong with it is said elsewhere. */
function readLoosely(text: string): Partial<Sound<GatewayConfig>> {
  try {
    const value: unknown = parseDocument(text).toJS({ maxAliasCount: 100 });
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

const remedies = {
  deviceCert:
    'Put the certificate there, in PEM; without it no device is heard over TLS. Where the former key is ' +
    'lost, have a new one signed by the CA that the devices trust.',
  deviceKey: 'Put its key there, in PEM, unencrypted, with mode 0600.',
  deviceCa: 'Put the certificates there of those who sign for devices: without it none is let in.',
  hubCa:
    'Put the certificate of the CA there that signed for the hub: without it the hub stays away.',
  hubCert: 'Put the certificate there that the hub asks for, and its key beside it.',
} as const;

/** A PLC's connection has a store of its own: the gateway's certificate, and whom it trusts. */
function plcFaults(path: string, pki: string, device: string, trustFirst: boolean): ConfigFault[] {
  const lists = new Set(listCertificates(pki).map(({ list }) => list));
  const found: ConfigFault[] = [];
  if (!lists.has('own')) {
    const value = join(pki, 'own');
    const remedy =
      'Copy the folder from the former box, or have the PLC trust the certificate that the first ' +
      'connection makes.';
    const message = 'has no certificate of the gateway for this PLC';
    found.push({ path, name: device, value, message, remedy });
  }
  if (!lists.has('trusted') && !trustFirst) {
    const value = join(pki, 'trusted', 'certs');
    const remedy =
      "Put the PLC's certificate there, or take the one that it shows first by `gateway certificates " +
      'trust THUMBPRINT` (compare the thumbprint on the PLC).';
    found.push({ path, name: device, value, message: 'trusts no certificate of this PLC', remedy });
  }
  return found;
}
