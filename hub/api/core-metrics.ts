import { Counter, Gauge, type Registry } from 'prom-client';
import type { Fleet } from '#contracts/api/fleet-api.ts';

/** What the core says of itself, as far as metrics go. */
export interface MeasuredCore {
  status(): {
    readonly nats: 'connected' | 'away';
    readonly intake: 'consuming' | 'waiting';
    readonly taken: Readonly<Record<string, number>>;
  };
  readonly queries: { fleet(): Promise<Fleet> };
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
  const labelNames = ['site', 'gateway'];
  const committed = new Gauge({
    name: 'holdfast_hub_gateway_committed_seq',
    help: 'Last journal position of a gateway that is committed here',
    labelNames,
    registers,
  });
  const backlog: Gauge = new Gauge({
    name: 'holdfast_hub_gateway_backlog_events',
    help: 'Events that a gateway holds and the hub has not; absent while nobody can say',
    labelNames,
    registers,
    async collect() {
      const { gateways } = await core.queries.fleet();
      committed.reset();
      backlog.reset();
      for (const { site, gateway, committedSeq, backlogEvents } of gateways) {
        committed.set({ site, gateway }, committedSeq);
        if (backlogEvents !== null) backlog.set({ site, gateway }, backlogEvents);
      }
    },
  });
}
