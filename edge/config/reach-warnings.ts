import { readTlsFiles } from '../identity/tls-files.ts';
import type { ConfigFault } from '#contracts/config-fault.ts';
import type { GatewayConfig } from './gateway-config.ts';

/** Who can reach the gateway, and who cannot; and who can read along. */
export function reachWarnings({ devices, http, mqtt }: GatewayConfig): ConfigFault[] {
  const publishing = devices.filter((device) => device.mqtt !== undefined).length;
  const posting = devices.filter((device) => device.http !== undefined).length;
  const byPassword = devices.some((device) => device.mqtt?.username !== undefined);
  const found: ConfigFault[] = [];
  const unreached = (path: string, host: string, count: number) => {
    if (count === 0 || !isLoopback(host)) return;
    const message = `can be reached from this machine alone, and ${count} devices call it`;
    found.push(warning(path, host, message, 'Use the address of the device network.'));
  };
  unreached('/mqtt/host', mqtt.tls?.host ?? mqtt.host, publishing);
  unreached('/http/host', http.host, posting);
  if (mqtt.port !== undefined && !isLoopback(mqtt.host) && byPassword) {
    const message = 'is plain MQTT: whoever is on the wire reads its passwords';
    const remedy = 'Keep it on a network of the devices alone, or use mqtt.tls and leave it out.';
    found.push(warning('/mqtt/port', mqtt.port, message, remedy));
  }
  if (mqtt.maxConnections < publishing) {
    const message = `is less than the ${publishing} devices that publish`;
    const remedy = 'Raise it: one for each device, and some for devices that connect anew.';
    found.push(warning('/mqtt/maxConnections', mqtt.maxConnections, message, remedy));
  }
  return found;
}

/** Node's WebSocket shows no certificate: a server that asks for one there lets nobody in. */
export function hubWarnings({ hub }: GatewayConfig): ConfigFault[] {
  const web = hub.servers.find((server) => /^wss?:/.test(server));
  if (hub.tls?.certFile === undefined || web === undefined) return [];
  const message = `is shown over tls:// alone, not to ${web}`;
  const remedy = 'Have that server ask for none over WebSockets, where the login is what counts.';
  return [warning('/hub/tls/certFile', hub.tls.certFile, message, remedy)];
}

/** Faults of key and certificates: the gateway runs with them, and says them until they are mended. */
export function tlsWarnings({ mqtt }: GatewayConfig, nowMs: number): ConfigFault[] {
  if (mqtt.tls === undefined) return [];
  const { tls } = mqtt;
  return readTlsFiles(tls, nowMs).faults.map(({ key, message, remedy }) =>
    warning(`/mqtt/tls/${key}`, tls[key], message, remedy),
  );
}

function isLoopback(host: string): boolean {
  return /^(127\.|::1$|localhost$)/.test(host);
}

function warning(path: string, value: unknown, message: string, remedy: string): ConfigFault {
  return { path, value, message, remedy };
}
