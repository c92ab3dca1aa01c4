import { Counter, Gauge, type Registry } from 'prom-client';
import type { Fleet, GatewayRow } from '#contracts/api/fleet-api.ts';

/** What the core says of itself, as far as metrics go. */
export interface MeasuredCore {
  status(): {
    readonly nats: 'connected' | 'away';
    readonly intake: 'consuming' | 'waiting';
    readonly taken: Readonly<Record<string, number>>;
  };
  readonly queries: {
    fleet(): Promise<Fleet>;
    quarantine(): Promise<
      readonly { readonly gateway: string; readonly reason: string; readonly total: number }[]
    >;
  };
}

/** Reads the core whenever metrics are asked for. What is unknown has no sample, never a zero. */
export function addCoreMetrics(registry: Registry, core: MeasuredCore): void {
  const registers = [registry];
  const taken: Counter = new Counter({
    name: 'holdfast_hub_events_taken_total',
    help: 'Events since the hub started, by what became of them',
    labelNames: ['outcome'],
    registers,
    collect() {
      taken.reset();
      for (const [outcome, count] of Object.entries(core.status().taken)) {
        taken.inc({ outcome }, count);
      }
    },
  });
  const connected: Gauge = new Gauge({
    name: 'holdfast_hub_nats_connected',
    help: '1 while gateways can reach the hub',
    registers,
    collect: () => connected.set(core.status().nats === 'connected' ? 1 : 0),
  });
  addGatewayMetrics(registry, core);
  addQuarantineMetric(registry, core);
}

function addGatewayMetrics(registry: Registry, core: MeasuredCore): void {
  let asked: Promise<Fleet> | undefined;
  // A scrape collects all metrics at the same time: they share one answer.
  const fleet = () =>
    (asked ??= core.queries.fleet().finally(() => {
      asked = undefined;
    }));
  const addGauge = (name: string, help: string, valueOf: (row: GatewayRow) => number | null) => {
    const gauge: Gauge = new Gauge({
      name: `holdfast_hub_gateway_${name}`,
      help,
      labelNames: ['site', 'gateway'],
      registers: [registry],
      async collect() {
        const { gateways } = await fleet();
        gauge.reset();
        for (const row of gateways) {
          const { site, gateway } = row;
          const value = valueOf(row);
          if (value !== null) gauge.set({ site, gateway }, value);
        }
      },
    });
  };
  addGauge(
    'committed_seq',
    'Last journal position of a gateway that is committed here',
    (row) => row.committedSeq,
  );
  addGauge(
    'backlog_events',
    'Events that a gateway holds and the hub has not; absent while nobody can say',
    (row) => row.backlogEvents,
  );
  addGauge(
    'halted',
    '1 while hub and gateway have different histories: a person decides which is true',
    (row) => (row.state === 'halted' ? 1 : 0),
  );
  addGauge('stuck', '1 while the hub itself fails on the next events of a gateway', (row) =>
    row.stuck === null ? 0 : 1,
  );
}

/** Durable, so that it never falls back: it counts since the store was made. */
function addQuarantineMetric(registry: Registry, core: MeasuredCore): void {
  const quarantined: Counter = new Counter({
    name: 'holdfast_hub_quarantined_total',
    help: 'Messages and events put aside; senders that are not registered have an empty gateway',
    labelNames: ['gateway', 'reason'],
    registers: [registry],
    async collect() {
      const counts = await core.queries.quarantine();
      quarantined.reset();
      for (const { gateway, reason, total } of counts) quarantined.inc({ gateway, reason }, total);
    },
  });
}
