import { join } from 'node:path';
import { rfidScanEvents } from '../../devices/autoid/scan-events.ts';
import { autoIdRfid } from '../../devices/autoid/profile.ts';
import { conditionEvents } from '../../devices/plc/condition-events.ts';
import type { OpcUaDriverOptions, OpcUaEventSource } from '../../devices/plc/opcua-driver.ts';
import type { LinkOwner } from '../../devices/plc/own-certificate.ts';
import type { DeviceConfig, GatewayConfig } from './gateway-config.ts';
import type { OpcUaConfig } from './opcua-config.ts';
import { eventChannels } from './plc-faults.ts';
import { tagsOfPlc } from './plc-template.ts';

/** What a driver is told, but for what the process gives it. */
export type PlcSettings = Omit<OpcUaDriverOptions, 'clock' | 'log'>;

/** The Server object, which every event of a server can be had from (OPC UA Part 5, 8.3.2). */
const serverObject = 'i=2253';

/** The certificate store of a device's OPC UA connection. */
export function pkiFolder({ dataDir }: Pick<GatewayConfig, 'dataDir'>, device: string): string {
  return join(dataDir, 'pki', device);
}

/** Whom the certificate of such a connection names. */
export function linkOwner({ gateway: { id, site } }: Pick<GatewayConfig, 'gateway'>): LinkOwner {
  return { site, gateway: id };
}

/** Which events of a PLC are wanted. An AutoID reader is nothing but a source of scans. */
export function eventSourcesOf(profile: string, opcua: OpcUaConfig): OpcUaEventSource[] {
  const { alarms, scans = profile === autoIdRfid.id ? {} : undefined } = opcua;
  const sources: OpcUaEventSource[] = [];
  if (alarms !== undefined) {
    const node = alarms.notifier ?? serverObject;
    sources.push({ name: eventChannels.alarms, node, events: conditionEvents });
  }
  if (scans !== undefined) {
    const node = scans.notifier ?? serverObject;
    sources.push({ name: eventChannels.scans, node, events: rfidScanEvents });
  }
  return sources;
}

/**
 * The settings of a PLC's driver.
 *
 * @param readPassword reads the file that the config names
 */
export function plcSettings(
  config: GatewayConfig,
  { id, profile, opcua }: DeviceConfig,
  readPassword: (file: string) => string,
): PlcSettings | undefined {
  if (opcua === undefined) return undefined;
  const { alarms: _alarms, lines: _lines, passwordFile, scans: _scans, ...settings } = opcua;
  return {
    ...settings,
    device: id,
    owner: linkOwner(config),
    pkiDir: pkiFolder(config, id),
    sources: eventSourcesOf(profile, opcua),
    tags: tagsOfPlc(opcua, config.plcTemplates),
    ...(passwordFile === undefined ? {} : { password: readPassword(passwordFile) }),
  };
}
