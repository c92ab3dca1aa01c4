import { baseEventType } from '../plc/opcua-event.ts';
import type { EventField, EventSpec } from '../plc/opcua-event.ts';

const autoIdNamespace = 'http://opcfoundation.org/UA/AutoID/';

const scanEventType = `nsu=${autoIdNamespace};i=1006`;

const base = (key: string, name: string): EventField => ({
  key,
  of: baseEventType,
  path: [{ name }],
});
const ofScan = (key: string, name: string): EventField => ({
  key,
  of: scanEventType,
  path: [{ namespaceUri: autoIdNamespace, name }],
});

/** Scans of RFID readers: RfidScanEventType (OPC 30010, 7.6). */
export const rfidScanEvents: EventSpec = {
  eventType: scanEventType,
  canRefresh: false,
  fields: [
    base('type', 'EventType'),
    base('time', 'Time'),
    ofScan('deviceName', 'DeviceName'),
    ofScan('scanResult', 'ScanResult'),
  ],
};
