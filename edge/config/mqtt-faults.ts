import type { ConfigFault } from '#contracts/config-fault.ts';
import type { DeviceConfig, GatewayConfig } from './gateway-config.ts';
import type { MqttAccessConfig, RateLimits } from './mqtt-config.ts';
import type { Sound } from '#contracts/sound-part.ts';

/** What is wrong between the fields that say where MQTT devices come in, and who they are. */
export function mqttFaults(config: Sound<GatewayConfig>): ConfigFault[] {
  const { devices = [], limits, mqtt } = config;
  return [
    ...portFaults(config),
    ...(limits === undefined ? [] : limitFaults('/limits', limits)),
    ...devices.flatMap((device, index) => deviceFaults(`/devices/${index}`, device ?? {}, mqtt)),
  ];
}

type SoundListeners = Sound<GatewayConfig>['mqtt'];

function portFaults({ devices = [], http, mqtt }: Sound<GatewayConfig>): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const remedy = 'Use another port.';
  const [plain, tls] = [mqtt?.port, mqtt?.tls?.port];
  if (http?.port !== undefined && (plain === http.port || tls === http.port)) {
    const message = 'is the port of the MQTT broker';
    faults.push({ path: '/http/port', value: http.port, message, remedy });
  }
  if (tls !== undefined && tls === plain) {
    const message = 'is the port of plain MQTT';
    faults.push({ path: '/mqtt/tls/port', value: tls, message, remedy });
  }
  const calling = devices.filter((device) => device?.mqtt !== undefined).length;
  if (mqtt !== undefined && plain === undefined && mqtt.tls === undefined && calling > 0) {
    const message = `has neither port nor tls, and ${calling} devices call it`;
    faults.push({ path: '/mqtt', value: undefined, message, remedy: 'Add tls, or port, or both.' });
  }
  if (mqtt?.tls?.requireClientCertificate === true && mqtt.tls.clientCaFile === undefined) {
    const pinned = devices.some((device) => device?.mqtt?.certificate?.sha256 !== undefined);
    const path = '/mqtt/tls/requireClientCertificate';
    const message = 'is set, and no certificate can be believed: clientCaFile is missing';
    const add = 'Add clientCaFile, or mqtt.certificate.sha256 at the devices.';
    if (!pinned) faults.push({ path, value: true, message, remedy: add });
  }
  return faults;
}

function deviceFaults(
  path: string,
  { limits, mqtt, opcua }: Sound<DeviceConfig>,
  listeners: SoundListeners,
): ConfigFault[] {
  const faults = limits === undefined ? [] : limitFaults(`${path}/limits`, limits);
  if (limits !== undefined && opcua !== undefined) {
    const message = 'are there, but the gateway itself asks a PLC for what it sends';
    const remedy = 'Remove them; samplingMs and queueSize say how much comes.';
    faults.push({ path: `${path}/limits`, value: undefined, message, remedy });
  }
  return mqtt === undefined ? faults : [...faults, ...keyFaults(`${path}/mqtt`, mqtt, listeners)];
}

/** A password with its user name, or a certificate: one of them. */
function keyFaults(
  path: string,
  { certificate, passwordFile, username }: Sound<MqttAccessConfig>,
  listeners: SoundListeners,
): ConfigFault[] {
  const found = (at: string, message: string, remedy: string): ConfigFault[] => [
    { path: `${path}${at}`, value: undefined, message, remedy },
  ];
  if (certificate === undefined) {
    const missing = [
      ...(username === undefined ? ['username'] : []),
      ...(passwordFile === undefined ? ['passwordFile'] : []),
    ];
    return missing.flatMap((key) =>
      found(`/${key}`, 'is missing', 'Add it, or let the device sign in by mqtt.certificate.'),
    );
  }
  if (username !== undefined || passwordFile !== undefined) {
    const at = username === undefined ? '/passwordFile' : '/username';
    return found(at, 'is there beside certificate', 'Remove it: the certificate is enough.');
  }
  const { commonName, sha256 } = certificate;
  if ((commonName === undefined) === (sha256 === undefined)) {
    const message = 'has to have one of commonName and sha256';
    return found('/certificate', message, 'Name what the certificate is known by.');
  }
  if (listeners !== undefined && listeners.tls === undefined) {
    const message = 'is there, and certificates can be shown over TLS alone';
    return found('/certificate', message, 'Add mqtt.tls at the top of the file.');
  }
  if (commonName === undefined || listeners?.tls?.clientCaFile !== undefined) return [];
  if (listeners === undefined) return [];
  const message = 'is a name that anybody could give to a certificate: clientCaFile is missing';
  return found('/certificate/commonName', message, 'Add mqtt.tls.clientCaFile, or use sha256.');
}

function limitFaults(path: string, limits: Sound<RateLimits>): ConfigFault[] {
  if (limits.burstMessages === undefined || limits.messagesPerS !== undefined) return [];
  const message = 'is there without messagesPerS';
  const remedy = 'Add messagesPerS, or remove it.';
  return [{ path: `${path}/burstMessages`, value: limits.burstMessages, message, remedy }];
}
