import { hash } from 'node:crypto';
import { encodeCanonical } from '#contracts/canonical.ts';
import { celsiusToMilliC, percentToPermille } from '#contracts/units.ts';
import type {
  DeviceConfig,
  GatewayConfig,
  SiteConfig,
  SiteDevice,
  SiteLimits,
  SiteZone,
} from './gateway-config.ts';
import { ownZones, zonesElsewhere } from './own-zones.ts';
import { eventSourcesOf } from './plc-settings.ts';
import { tagsOfPlc } from './plc-template.ts';

/** A site configuration as it goes through the intake log: canonical text under its hash. */
export interface SiteConfigText {
  readonly text: string;
  /** SHA-256 of the text. */
  readonly hash: string;
}

export function siteConfigText(config: GatewayConfig): SiteConfigText {
  const text = encodeCanonical({ ...siteConfigOf(config) });
  return { text, hash: hash('sha256', text, 'hex') };
}

/** What observers and policies work from: no secrets, no addresses, integers only. */
function siteConfigOf(config: GatewayConfig): SiteConfig {
  const { gateway, observe, posting, portals, items } = config;
  const elsewhere = zonesElsewhere(config);
  return {
    gateway,
    observe,
    posting,
    portals,
    ...(items && { items }),
    ...(elsewhere.length > 0 && { elsewhere }),
    zones: ownZones(config).map(siteZone),
    devices: config.devices.map((device) => siteDevice(device, config.plcTemplates)),
  };
}

function siteZone(zone: GatewayConfig['zones'][number]): SiteZone {
  const { holdAfterMs, id, status, temperature, humidity } = zone;
  return {
    id,
    status,
    ...(holdAfterMs !== undefined && { holdAfterMs }),
    ...(temperature && { temperatureMilliC: limits(temperature, celsiusToMilliC) }),
    ...(humidity && { humidityPermille: limits(humidity, percentToPermille) }),
  };
}

function limits(
  of: { readonly min?: number; readonly max?: number },
  convert: (value: number) => number | undefined,
): SiteLimits {
  const min = of.min === undefined ? undefined : convert(of.min);
  const max = of.max === undefined ? undefined : convert(of.max);
  return { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
}

function siteDevice(
  { mqtt: _mqtt, http: _http, limits: _limits, opcua, ...device }: DeviceConfig,
  templates: GatewayConfig['plcTemplates'],
): SiteDevice {
  if (opcua === undefined) return device;
  const tags = tagsOfPlc(opcua, templates);
  const events = eventSourcesOf(device.profile, opcua).map(({ name }) => name);
  return {
    ...device,
    tags: tags.map(({ node: _node, element: _element, member: _member, ...tag }) => tag),
    ...(events.length > 0 && { eventChannels: events }),
  };
}
