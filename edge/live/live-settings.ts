import { messageOf, refuse, succeed, Fault, type Result } from '#contracts/fault.ts';
import { profileOf } from '../../devices/registry.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { plcSettings, type PlcSettings } from '../config/plc-settings.ts';
import { siteConfigText, type SiteConfigText } from '../config/site-config.ts';
import { readSecretFile } from '../identity/secret-file.ts';
import { tlsFilesDigest } from '../identity/tls-files.ts';
import { deviceAccess, type DeviceAccess } from '../intake/device-access.ts';
import type { DeviceLimits } from '../intake/device-rates.ts';
import { byDigest, httpDevice, type HttpDevice } from '../intake/http-intake.ts';

/** All that follows from a config and the secrets it names, as the parts of a gateway take it. */
export interface LiveSettings {
  readonly config: GatewayConfig;
  /** What observers and policies work from. */
  readonly site: SiteConfigText;
  readonly mqtt: readonly DeviceAccess[];
  readonly http: readonly HttpDevice[];
  readonly opcua: readonly PlcSettings[];
  /** How much each device that calls may send. */
  readonly limits: readonly DeviceLimits[];
  /** Of what key and certificates for TLS hold, so that new ones under the same name are seen. */
  readonly tlsDigest: string;
  /** Of the gateway's own HTTP interface. */
  readonly httpToken: string;
}

/**
 * Reads the secrets that a config names.
 *
 * @throws Fault IDENTITY_MISSING for one that cannot be read, CONFIG_INVALID where two devices that
 *   post have the same token.
 */
export function liveSettings(config: GatewayConfig): LiveSettings {
  const secret = (file: string, what: string) => readSecretFile(file, what).trim();
  const http = config.devices.flatMap(({ id, profile: profileId, http: posts }) => {
    const profile = profileOf(profileId);
    if (posts === undefined || profile === undefined) return [];
    return [httpDevice(id, profile, secret(posts.tokenFile, `the token of ${id}`))];
  });
  byDigest(http);
  return {
    config,
    site: siteConfigText(config),
    mqtt: config.devices.flatMap(({ id, mqtt }) =>
      mqtt === undefined
        ? []
        : [
            deviceAccess(
              id,
              mqtt,
              mqtt.passwordFile && secret(mqtt.passwordFile, `the password of ${id}`),
            ),
          ],
    ),
    http,
    opcua: config.devices.flatMap((device) => {
      const settings = plcSettings(config, device, (file) =>
        secret(file, `the OPC UA password of ${device.id}`),
      );
      return settings === undefined ? [] : [settings];
    }),
    limits: config.devices.flatMap(({ id, limits = config.limits, opcua }) =>
      limits === undefined || opcua !== undefined ? [] : [{ device: id, limits }],
    ),
    tlsDigest: config.mqtt.tls === undefined ? '' : tlsFilesDigest(config.mqtt.tls),
    httpToken: secret(config.http.tokenFile, 'the token of the HTTP interface'),
  };
}

/** As `liveSettings`, with a fault as a refusal. */
export function tryLiveSettings(config: GatewayConfig): Result<LiveSettings> {
  try {
    return succeed(liveSettings(config));
  } catch (error) {
    if (error instanceof Fault) return refuse(error.code, error.message);
    return refuse('CONFIG_INVALID', messageOf(error));
  }
}
