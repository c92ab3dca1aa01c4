import type { DeviceProfile } from '../profile.ts';
import { decodeScans } from './decode-scan.ts';

const scanner = {
  naturalKey: 'client-id',
  initialState: null,
  decode: (state, { payload, receivedAtMs }) => ({
    state,
    decoded: decodeScans(payload, receivedAtMs),
  }),
} as const satisfies Partial<DeviceProfile>;

/** A scanner, or what speaks for it, that posts its scans to the gateway over HTTP. */
export const httpScanner: DeviceProfile = {
  ...scanner,
  id: 'http-scanner',
  label: 'Barcode scanner over HTTP',
  transport: 'http',
};

export const mqttScanner: DeviceProfile = {
  ...scanner,
  id: 'mqtt-scanner',
  label: 'Barcode scanner over MQTT (also ProGlove)',
  transport: 'mqtt',
};
