import { encodeCanonical } from '#contracts/canonical.ts';
import { encodeOpcUaEvent } from '../../../devices/plc/opcua-event.ts';
import { encodeOpcUaSample } from '../../../devices/plc/opcua-sample.ts';
import type { SiteConfig } from '../../config/gateway-config.ts';
import type { IntakeBody, IntakeEntry } from '../../intake/intake-entry.ts';

/** A small site with every family, and entries as its devices would cause them. */
export const startMs = Date.UTC(2026, 10, 22, 8);

export const testSite = {
  gateway: { tenant: 'main', site: 'leeds', id: 'gw-1' },
  observe: { minReads: 2, absentAfterMs: 30_000, moveReads: 2, passWindowMs: 2000 },
  posting: { receive: 'post', move: 'post', ship: 'post', confirmReads: 4 },
  zones: [
    { id: 'receiving', status: 'receiving' },
    {
      id: 'storage',
      status: 'available',
      temperatureMilliC: { min: 2000, max: 8000 },
      humidityPermille: { max: 600 },
    },
    { id: 'shipping', status: 'shipping' },
  ],
  portals: [{ id: 'dock-1', zone: 'receiving' }],
  devices: [
    {
      id: 'dock',
      profile: 'zebra-iotc',
      antennas: [
        { antenna: 1, portal: 'dock-1', side: 'outside' },
        { antenna: 2, portal: 'dock-1', side: 'inside' },
        { antenna: 3, zone: 'receiving' },
      ],
      buffers: true,
      silentAfterMs: 60_000,
    },
    {
      id: 'shelf',
      profile: 'impinj-r700',
      antennas: [
        { antenna: 1, zone: 'storage' },
        { antenna: 2, zone: 'shipping' },
      ],
      buffers: true,
      silentAfterMs: 60_000,
    },
    {
      id: 'belt',
      profile: 'plc-counter',
      zone: 'storage',
      tags: [
        { name: 'parts', role: 'counter', registerMax: 65_535 },
        { name: 'state', role: 'state' },
      ],
      buffers: false,
      silentAfterMs: 60_000,
    },
    {
      id: 'bridge',
      profile: 'zigbee2mqtt',
      sensors: [
        { name: 'cold-1', zone: 'storage' },
        { name: 'cold-2', zone: 'storage' },
      ],
      buffers: false,
      silentAfterMs: 600_000,
    },
    {
      id: 'gun',
      profile: 'http-scanner',
      zone: 'receiving',
      buffers: true,
      silentAfterMs: 600_000,
    },
  ],
} as const satisfies SiteConfig;

/** SGTIN-96 of GTIN 80614141123458 with serials 6789 (of the standard's own example) and on. */
export const epcs = [
  '3074257BF7194E4000001A85',
  '3074257BF7194E4000001A86',
  '3074257BF7194E4000001A87',
] as const;
export const gtin14 = '80614141123458';
export const ssccEpc = '3174257BF4499602D2000000';
export const foreignEpc = 'E2801160600002084C0F1234';

export function configBody(site: SiteConfig = testSite): IntakeBody {
  const config = encodeCanonical(JSON.parse(JSON.stringify(site)) as never);
  return { type: 'config', origin: 'file', hash: 'c'.repeat(64), config };
}

export const bootBody: IntakeBody = { type: 'boot', clean: true, version: '0.1.0' };

interface ImpinjRead {
  readonly epc: string;
  readonly antenna: number;
  readonly rssiCdbm?: number;
  readonly atMs?: number;
}

export function impinjBody({ epc, antenna, rssiCdbm, atMs }: ImpinjRead): IntakeBody {
  return message('shelf', 'events', {
    eventType: 'tagInventory',
    ...(atMs === undefined ? {} : { timestamp: new Date(atMs).toISOString() }),
    tagInventoryEvent: { epcHex: epc, antennaPort: antenna, peakRssiCdbm: rssiCdbm },
  });
}

interface ZebraRead {
  readonly epc: string;
  readonly antenna: number;
  readonly reads?: number;
  readonly number: number;
  readonly atMs: number;
}

export function zebraBody({ epc, antenna, reads = 1, number, atMs }: ZebraRead): IntakeBody {
  return message('dock', 'data', {
    type: 'CUSTOM',
    timestamp: new Date(atMs).toISOString().replace('Z', '+0000'),
    data: { idHex: epc.toLowerCase(), antenna, reads, eventNum: number, peakRssi: -50 },
  });
}

export function counterBody(value: number, sourceMs?: number): IntakeBody {
  const payload = encodeOpcUaSample({
    role: 'counter',
    status: 0,
    value,
    ...(sourceMs === undefined ? {} : { sourceMs }),
  });
  return { type: 'message', device: 'belt', channel: 'parts', qos: 0, payload };
}

export function stateBody(value: number): IntakeBody {
  const payload = encodeOpcUaSample({ role: 'state', status: 0, value });
  return { type: 'message', device: 'belt', channel: 'state', qos: 0, payload };
}

/** A condition of `belt`, or the end of a refresh that told none (OPC UA Part 9). */
export function alarmBody(of: { condition: string; active: boolean } | 'refreshed'): IntakeBody[] {
  const opcUa = 'nsu=http://opcfoundation.org/UA/;i=';
  const events =
    of === 'refreshed'
      ? [{ type: `${opcUa}2787` }, { type: `${opcUa}2788` }]
      : [{ type: `${opcUa}2915`, severity: 700, ...of }];
  return events.map((event) => {
    const payload = encodeOpcUaEvent(event);
    return { type: 'message', device: 'belt', channel: 'alarms', qos: 0, payload };
  });
}

export function climateBody(sensor: string, values: Record<string, number>): IntakeBody {
  return message('bridge', sensor, values);
}

/** What the scanner `gun` posts. @param at as the scanner says the time */
export function scanBody(id: string, code: string, at?: string): IntakeBody {
  return message('gun', 'scans', { id, code, at });
}

/** A change of the first input of `shelf`. */
export function inputBody(level: 'high' | 'low', atMs: number): IntakeBody {
  return message('shelf', 'events', {
    eventType: 'gpiTransition',
    timestamp: new Date(atMs).toISOString(),
    gpiTransitionEvent: { gpi: 1, transition: level === 'high' ? 'low-to-high' : 'high-to-low' },
  });
}

function message(device: string, channel: string, json: object): IntakeBody {
  return raw(device, channel, JSON.stringify(json));
}

export function raw(device: string, channel: string, text: string, qos = 1): IntakeBody {
  return { type: 'message', device, channel, qos, payload: new TextEncoder().encode(text) };
}

/** Numbers bodies as the intake log would. Each is a time after `startMs`, and a body. */
export function entriesOf(bodies: Iterable<readonly [afterMs: number, body: IntakeBody]>) {
  return Array.from(bodies, ([afterMs, body], index): IntakeEntry => {
    return { pos: index + 1, receivedAtMs: startMs + afterMs, body };
  });
}
