import { Counter, Gauge, Registry } from 'prom-client';
import { roundedDays } from '../disk/buffer-forecast.ts';
import type { GatewayStatus } from './gateway-status.ts';

type Reading = readonly [name: string, help: string, value: (of: GatewayStatus) => number];

const gauges: readonly Reading[] = [
  ['intake_backlog', 'Durable entries that are not in the journal', (of) => of.intake.backlog],
  ['intake_pending_bytes', 'Bytes that are not durable', (of) => of.intake.pendingBytes],
  ['intake_kept_bytes', 'Bytes of the intake log', (of) => of.intake.keptBytes],
  ['intake_held', '1: acknowledgements are held', (of) => Number(of.intake.hold !== undefined)],
  ['journal_seq', 'Last event of the journal', (of) => of.journal.seq],
  ['journal_blocked', '1: no room for a commit', (of) => Number(of.journal.blocked)],
  ['journal_room_reserved', '1: room is reserved', (of) => Number(of.journal.roomReserved)],
  ['uplink_committed_seq', 'Last event the hub has', (of) => of.uplink.committedSeq],
  ['uplink_backlog_events', 'Events the hub has not', backlogOf],
  ['uplink_halted', '1: an operator must decide', (of) => Number(of.uplink.state === 'halted')],
  ['uplink_live', '1: hub in contact', (of) => Number(!/away|halted/.test(of.uplink.state))],
  ['disk_free_bytes', 'Free bytes of the data disk', (of) => of.disk.freeBytes],
  ['disk_room_bytes', 'Free bytes above the floor', (of) => of.disk.roomBytes],
  [
    'disk_room_days',
    'How long room lasts; NaN: unknown; +Inf: it does not fill',
    (of) => roundedDays(of.disk.roomForDays ?? NaN),
  ],
  [
    'disk_written_bytes_per_day',
    'What this process has written to storage, by /proc/self/io; NaN: unknown',
    (of) => of.disk.writtenBytesPerDay ?? NaN,
  ],
  ['clock_ahead_ms', 'Trusted clock ahead of the system', (of) => of.clockAheadMs],
  ['clock_doubted', '1: the clock is wrong', (of) => Number(of.clockDoubt !== undefined)],
  ['start_time_seconds', 'When the gateway started', (of) => of.startedAtMs / 1000],
  ['mqtt_connections', 'Open MQTT connections', (of) => of.broker.connections],
  ['process_resident_bytes', 'Memory', () => process.memoryUsage.rss()],
  ['process_heap_bytes', 'Memory of objects', () => process.memoryUsage().heapUsed],
  ['evidence_segments', 'Segments of raw evidence on disk', (of) => of.evidence?.files ?? 0],
  ['evidence_bytes', 'Bytes of raw evidence on disk', (of) => of.evidence?.bytes ?? 0],
  [
    'evidence_unsealed_entries',
    'Entries that no segment covers yet',
    (of) => of.intake.lastPos - (of.evidence?.coveredPos ?? 0),
  ],
  [
    'documents_stuck_files',
    'Files in the documents folder that cannot be taken',
    (of) => of.stuckDocumentFiles ?? 0,
  ],
  ['alerts_open', 'Open alerts', (of) => of.alerts.filter((alert) => alert.open).length],
];

const counters: readonly Reading[] = [
  ['intake_entries_total', 'Entries made durable', (of) => of.intake.lastPos],
  ...[
    'signInsRefused',
    'signInsLimited',
    'connectionsRefused',
    'mqtt5Refused',
    'unavailable',
    'framesCut',
    'protocolFaults',
    'notRead',
    'heldClosed',
  ].map((key): Reading => [
    `mqtt_${key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_total`,
    `Broker: ${key}`,
    (of) => of.broker[key] ?? 0,
  ]),
  [
    'tags_forgotten_total',
    'Tags heard, never believed, and forgotten because there were too many',
    (of) => of.forgottenTags ?? 0,
  ],
  [
    'disk_written_bytes_total',
    'Bytes that this process has written to storage, by /proc/self/io',
    (of) => of.disk.writtenBytes ?? 0,
  ],
  ['process_cpu_seconds_total', 'CPU time', () => cpuSeconds()],
];

const deviceGauges: readonly [
  name: string,
  help: string,
  value: (of: GatewayStatus['devices'][number]) => number,
][] = [
  ['device_connected', '1: connected', (of) => Number(of.connected)],
  ['device_silent', '1: quiet for too long', (of) => Number(of.silent)],
  ['device_covered', '1: inside the no-loss guarantee', (of) => Number(of.covered)],
  ['device_reads_per_minute', 'Readings of the last minute', (of) => of.readsPerMinute],
];

const feedGauges: readonly [
  name: string,
  help: string,
  value: (of: NonNullable<GatewayStatus['feed']>[number]) => number,
][] = [
  ['feed_lag_events', 'Events that a target of the feed has not', (of) => of.lagEvents],
  ['feed_failing', '1: the last try failed', (of) => Number(of.state === 'failing')],
  ['feed_halted', '1: an operator must decide', (of) => Number(of.state === 'halted')],
  ['feed_delivered_events', 'Delivered since the start', (of) => of.delivered],
  ['feed_failures', 'Failed tries since the start', (of) => of.failures],
];

const databaseGauges: readonly [
  name: string,
  help: string,
  value: (of: NonNullable<GatewayStatus['disk']['databases']>[number]) => number,
][] = [
  ['database_bytes', 'Bytes of a database', (of) => of.bytes],
  ['database_wal_bytes', 'Bytes of its write-ahead log', (of) => of.walBytes],
];

const throttleCounters: readonly [
  name: string,
  help: string,
  value: (of: NonNullable<GatewayStatus['throttled']>[number]) => number,
][] = [
  ['device_throttled_total', 'Times a device was not read: over its limits', (of) => of.pauses],
  [
    'device_throttled_seconds_total',
    'How long a device was not read: over its limits',
    (of) => of.pausedMs / 1000,
  ],
];

export interface Metrics {
  readonly contentType: string;
  /** The text of a scrape (Prometheus exposition format). */
  textOf(status: GatewayStatus): Promise<string>;
}

function faultUpdate(registry: Registry) {
  const faults = new Gauge({
    name: 'holdfast_device_fault',
    help: '1: what keeps a device, or the part named, from being read',
    labelNames: ['device', 'code', 'subject'],
    registers: [registry],
  });
  return ({ devices }: GatewayStatus) => {
    faults.reset();
    for (const { device, faults: found = [] } of devices) {
      for (const { code, subject = '' } of found) faults.set({ device, code, subject }, 1);
    }
  };
}

const none: Readonly<Record<string, number>> = {};

function lineFaultUpdate(registry: Registry) {
  const counter = new Counter({
    name: 'holdfast_device_line_faults_total',
    help: 'Connections of a device that were closed, by why',
    labelNames: ['device', 'fault'],
    registers: [registry],
  });
  return ({ devices }: GatewayStatus) => {
    counter.reset();
    for (const { device, lineFaults } of devices) {
      for (const [fault, n] of Object.entries(lineFaults ?? none))
        counter.inc({ device, fault }, n);
    }
  };
}

function quarantineUpdate(registry: Registry) {
  const counter = new Counter({
    name: 'holdfast_device_quarantined_total',
    help: 'Messages of a device put in quarantine, ever; the oldest are there no more',
    labelNames: ['device'],
    registers: [registry],
  });
  return ({ devices }: GatewayStatus) => {
    counter.reset();
    for (const { device, quarantined } of devices) counter.inc({ device }, quarantined);
  };
}

function throttleUpdates(registry: Registry) {
  return throttleCounters.map(([name, help, value]) => {
    const labelNames = ['device'];
    const counter = new Counter({
      name: `holdfast_${name}`,
      help,
      labelNames,
      registers: [registry],
    });
    return ({ throttled = [] }: GatewayStatus) => {
      counter.reset();
      for (const one of throttled) counter.inc({ device: one.device }, value(one));
    };
  });
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const update = [
    ...gauges.map(([name, help, value]) => {
      const gauge = new Gauge({ name: `holdfast_${name}`, help, registers });
      return (status: GatewayStatus) => gauge.set(value(status));
    }),
    ...counters.map(([name, help, value]) => {
      const counter = new Counter({ name: `holdfast_${name}`, help, registers });
      return (status: GatewayStatus) => {
        counter.reset();
        counter.inc(value(status));
      };
    }),
    ...deviceGauges.map(([name, help, value]) => {
      const labelNames = ['device'];
      const gauge = new Gauge({ name: `holdfast_${name}`, help, labelNames, registers });
      return ({ devices }: GatewayStatus) => {
        gauge.reset();
        for (const device of devices) gauge.set({ device: device.device }, value(device));
      };
    }),
  ];
  for (const [name, help, value] of feedGauges) {
    const labelNames = ['target'];
    const gauge = new Gauge({ name: `holdfast_${name}`, help, labelNames, registers });
    update.push(({ feed = [] }: GatewayStatus) => {
      gauge.reset();
      for (const one of feed) gauge.set({ target: one.target }, value(one));
    });
  }
  for (const [name, help, value] of databaseGauges) {
    const labelNames = ['database'];
    const gauge = new Gauge({ name: `holdfast_${name}`, help, labelNames, registers });
    update.push(({ disk }) => {
      gauge.reset();
      for (const one of disk.databases ?? []) gauge.set({ database: one.name }, value(one));
    });
  }
  update.push(...throttleUpdates(registry));
  update.push(faultUpdate(registry));
  update.push(lineFaultUpdate(registry));
  update.push(quarantineUpdate(registry));
  return {
    contentType: registry.contentType,
    async textOf(status) {
      for (const one of update) one(status);
      // The library writes Nan, which Prometheus takes too; the format's word is NaN.
      return (await registry.metrics()).replaceAll(/ Nan$/gm, ' NaN');
    },
  };
}

function backlogOf({ journal, uplink }: GatewayStatus): number {
  return Math.max(0, journal.seq - uplink.committedSeq);
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
