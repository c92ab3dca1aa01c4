import type { AlertRow, DeviceRow, Fleet, GatewayRow } from '#contracts/api/fleet-api.ts';
import { countOf, formatCount } from '../../format/numbers.ts';
import { formatDuration, formatMinute } from '../../format/times.ts';
import type { GridSort } from '../../ui/grid-column.ts';
import type { Tone } from '../../ui/shapes.ts';

export interface StateWords {
  readonly tone: Tone;
  readonly words: string;
  readonly hover: string;
}

export interface GatewayLine extends GatewayRow {
  readonly key: string;
}

export interface DeviceLine extends DeviceRow {
  readonly key: string;
  /** Nobody has heard of its gateway, so what stands here is as old as `factsAt`. */
  readonly gatewayAway: boolean;
}

const severity: Record<GatewayRow['state'], number> = {
  halted: 0,
  stuck: 1,
  silent: 2,
  'never-seen': 3,
  draining: 4,
  live: 5,
};

/** Gateways with trouble first, then by site and name. */
export function gatewayLines(fleet: Fleet): readonly GatewayLine[] {
  return fleet.gateways
    .map((row) => ({ ...row, key: row.gateway }))
    .sort(
      (a, b) =>
        severity[a.state] - severity[b.state] ||
        a.site.localeCompare(b.site) ||
        a.gateway.localeCompare(b.gateway),
    );
}

export function gatewayWords(row: GatewayRow, nowMs: number): StateWords {
  const hover = row.stateReason ?? '';
  switch (row.state) {
    case 'live':
      return row.intake === 'held'
        ? { tone: 'warn', words: 'live · intake held', hover: 'Devices wait for acknowledgements' }
        : { tone: 'ok', words: 'live', hover };
    case 'draining':
      return { tone: 'draining', words: 'draining', hover };
    case 'halted':
      return { tone: 'bad', words: 'halted', hover };
    case 'stuck': {
      const since = row.stuck === null ? '' : ` ${formatDuration(nowMs - row.stuck.sinceMs)}`;
      const more = 'The gateway keeps everything and goes on; the log of the hub says more';
      return { tone: 'bad', words: `stuck${since}`, hover: `${hover}. ${more}` };
    }
    case 'never-seen':
      return { tone: 'unknown', words: 'never seen', hover: hover || 'Enrolled, not heard of yet' };
    case 'silent':
      return {
        tone: 'bad',
        words:
          row.lastHeardAt === null ? 'silent' : `silent ${formatDuration(nowMs - row.lastHeardAt)}`,
        hover,
      };
  }
}

export interface DeviceFilter {
  readonly gateway?: string;
  readonly only?: 'trouble';
}

/** The devices to show, in order. */
export function deviceLines(
  fleet: Fleet,
  filter: DeviceFilter,
  sort: GridSort,
): readonly DeviceLine[] {
  const away = new Set(
    fleet.gateways
      .filter(({ state }) => state === 'silent' || state === 'halted' || state === 'never-seen')
      .map(({ gateway }) => gateway),
  );
  const lines = fleet.devices
    .map((row) => ({
      ...row,
      key: `${row.gateway}/${row.device}`,
      gatewayAway: away.has(row.gateway),
    }))
    .filter((line) => filter.gateway === undefined || line.gateway === filter.gateway)
    .filter((line) => filter.only === undefined || hasTrouble(line));
  const sign = sort.order === 'asc' ? 1 : -1;
  return lines.sort(
    (a, b) =>
      sign * compare(sortValue(a, sort.key), sortValue(b, sort.key)) || compare(a.key, b.key),
  );
}

function hasTrouble(device: DeviceLine): boolean {
  return (
    device.silent ||
    !device.connected ||
    !device.covered ||
    device.lineFaults !== undefined ||
    device.quarantined > 0 ||
    device.gatewayAway
  );
}

function sortValue(line: DeviceLine, key: string): string | number | undefined {
  switch (key) {
    case 'gateway':
      return line.gateway;
    case 'profile':
      return line.profile;
    case 'zone':
      return line.zone ?? line.zones?.[0];
    case 'state':
      return line.gatewayAway ? 2 : line.silent ? 0 : line.connected ? 3 : 1;
    case 'lastHeardAt':
      return line.lastHeardAt;
    case 'readsPerMinute':
      return line.readsPerMinute;
    case 'guarantee':
      return line.covered ? 1 : 0;
    case 'quarantined':
      return line.quarantined;
    default:
      return line.device;
  }
}

/** What is unknown comes last in ascending order. */
function compare(a: string | number | undefined, b: string | number | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b));
}

export function deviceWords(line: DeviceLine, nowMs: number): StateWords {
  if (line.gatewayAway) {
    const words = `unknown since ${formatMinute(line.factsAt, nowMs)}`;
    return { tone: 'unknown', words, hover: 'Its gateway has not been heard of since' };
  }
  if (line.silent) {
    return { tone: 'bad', words: 'silent', hover: 'Quiet for longer than its profile allows' };
  }
  return line.connected
    ? { tone: 'ok', words: 'connected', hover: '' }
    : { tone: 'warn', words: 'not connected', hover: 'No connection to its gateway' };
}

/** Whether what a device sends is inside the no-loss guarantee, and if not, why. */
export function guaranteeWords(device: DeviceRow): StateWords {
  if (device.covered) {
    return {
      tone: 'ok',
      words: 'covered',
      hover: 'Every message that its gateway acknowledged is on disk and reaches the ledger',
    };
  }
  switch (device.uncoveredReason) {
    case 'qos0':
      return {
        tone: 'warn',
        words: 'not covered: QoS 0',
        hover: 'It sends without waiting for an acknowledgement, so a message can be lost unseen',
      };
    case 'no-buffer':
      return {
        tone: 'warn',
        words: 'not covered: no buffer',
        hover: 'It keeps nothing while its gateway is away',
      };
    case 'polled':
      return {
        tone: 'warn',
        words: 'not covered: polled',
        hover: 'Values between two samples are not seen; each gap has its event',
      };
    default:
      return { tone: 'warn', words: 'not covered', hover: 'Its gateway does not say why' };
  }
}

/** Why connections of a device had to be closed; undefined where none had to be. */
export function lineFaultWords({ lineFaults }: Pick<DeviceRow, 'lineFaults'>) {
  if (lineFaults === undefined) return undefined;
  const { framesCut, notRead, protocolFaults } = lineFaults;
  const parts = [
    framesCut === 0 ? '' : `${countOf(framesCut, 'frame')} cut`,
    protocolFaults === 0 ? '' : `${formatCount(protocolFaults)} × not MQTT`,
    notRead === 0 ? '' : `${formatCount(notRead)} × not reading`,
  ].filter((part) => part !== '');
  if (parts.length === 0) return undefined;
  const hover = [
    'Connections that its gateway had to close since it started.',
    framesCut === 0 ? '' : `It announced a message above 1 MiB ${countOf(framesCut, 'time')}.`,
    protocolFaults === 0
      ? ''
      : `What it sent was not MQTT 3.1.1 ${countOf(protocolFaults, 'time')}.`,
    notRead === 0 ? '' : `It left unread what was sent to it ${countOf(notRead, 'time')}.`,
  ].filter((part) => part !== '');
  return { tone: 'warn', words: parts.join(', '), hover: hover.join('\n') } as const;
}

export interface FleetFigures {
  readonly gatewaysLive: string;
  /** Undefined parts of a sum make it unknown only when nothing is known. */
  readonly waiting: number | null;
  readonly waitingUnknown: number;
  readonly devices: number;
  readonly silent: number;
  readonly uncovered: number;
  readonly quarantined: number | null;
  readonly quarantinedAtHub: number;
  readonly readsPerMinute: number | null;
}

/** The strip of figures above the tables. */
export function fleetFigures(fleet: Fleet): FleetFigures {
  const { gateways } = fleet;
  const live = gateways.filter(({ state }) => state === 'live').length;
  return {
    gatewaysLive: `${formatCount(live)} of ${formatCount(gateways.length)}`,
    waiting: sumKnown(gateways.map(({ backlogEvents }) => backlogEvents)),
    waitingUnknown: gateways.filter(({ backlogEvents }) => backlogEvents === null).length,
    devices: gateways.reduce((sum, { devices }) => sum + devices, 0),
    silent: gateways.reduce((sum, { devicesSilent }) => sum + devicesSilent, 0),
    uncovered: gateways.reduce((sum, { devicesUncovered }) => sum + devicesUncovered, 0),
    quarantined: sumKnown(gateways.map(({ quarantined }) => quarantined)),
    quarantinedAtHub: gateways.reduce((sum, { quarantinedAtHub }) => sum + quarantinedAtHub, 0),
    readsPerMinute: sumKnown(gateways.map(({ readsPerMinute }) => readsPerMinute)),
  };
}

/** The sum of what is known; null where nothing is. */
export function sumKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

const alertTones: Record<AlertRow['type'], Tone> = {
  excursion: 'bad',
  'intake-held': 'bad',
  silence: 'warn',
  gap: 'warn',
  conflict: 'warn',
  'machine-alarm': 'warn',
  'device-fault': 'warn',
  'gateway-fault': 'warn',
};

const alertNames: Record<AlertRow['type'], string> = {
  excursion: 'excursion',
  'intake-held': 'intake held',
  silence: 'silence',
  gap: 'gap',
  conflict: 'conflict',
  'machine-alarm': 'machine alarm',
  'device-fault': 'device fault',
  'gateway-fault': 'gateway fault',
};

/** Open alerts, the gravest and then the newest first. */
export function openAlerts(
  fleet: Fleet,
): readonly (AlertRow & Pick<StateWords, 'tone' | 'words'>)[] {
  return fleet.alerts
    .filter(({ open }) => open)
    .map((alert) => ({
      ...alert,
      tone: alertTones[alert.type],
      words: alertNames[alert.type],
    }))
    .sort((a, b) => Number(b.tone === 'bad') - Number(a.tone === 'bad') || b.openedAt - a.openedAt);
}
