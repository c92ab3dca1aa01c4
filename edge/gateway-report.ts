import type { GatewayStatus } from './api/gateway-status.ts';
import type { DiskKeeper } from './disk/disk-keeper.ts';
import type { Evidence } from './evidence/evidence.ts';
import type { Feed } from './feed/feed.ts';
import type { IntakeBroker } from './intake/broker.ts';
import { tlsAlerts } from './intake/tls-alerts.ts';
import type { Observer } from './observe/observer.ts';
import type { Pipeline } from './pipeline.ts';
import type { Stores } from './stores.ts';
import type { Uplink } from './uplink/uplink.ts';

export interface ReportedParts {
  readonly version: string;
  readonly stores: Stores;
  readonly observer: Observer;
  readonly pipeline: Pipeline;
  readonly broker: IntakeBroker;
  readonly evidence: Evidence;
  readonly disk: DiskKeeper;
  readonly feed: Feed;
  /** undefined until it stands. */
  readonly uplink: () => Uplink | undefined;
  /** Bytes that intake leaves alone. */
  readonly floorBytes: number;
}

/** What a running gateway says of itself: to its own API, and to the hub. */
export class GatewayReport {
  readonly #parts: ReportedParts;
  #startedAtMs = 0;

  constructor(parts: ReportedParts) {
    this.#parts = parts;
  }

  started(atMs: number): void {
    this.#startedAtMs = atMs;
  }

  /** Bytes that the gateway may still write. */
  roomBytes(): number {
    const { floorBytes, stores } = this.#parts;
    return Math.max(0, stores.freeBytes() - floorBytes);
  }

  /** What travels in the now lane. */
  facts() {
    const { pipeline, stores, version } = this.#parts;
    const { hold } = stores.intake;
    const { devices, alerts, quarantined, readsPerMinute } = this.#observed();
    const health = {
      intake: hold === undefined ? ('open' as const) : ('held' as const),
      intakeBacklog: pipeline.backlog,
      quarantined,
      readsPerMinute,
      roomBytes: this.roomBytes(),
      startedAt: this.#startedAtMs,
      version,
    };
    return { health, devices, alerts };
  }

  status(): GatewayStatus {
    const { broker, disk, evidence, feed, pipeline, stores, uplink, version } = this.#parts;
    const { ballast, clock, freeBytes, intake, journal } = stores;
    const { devices, alerts, clockDoubt, forgottenTags, uplinkLostMs } = this.#observed();
    const { epoch, seq } = journal.head();
    return {
      version,
      startedAtMs: this.#startedAtMs,
      clockAheadMs: clock.aheadMs(),
      clockDoubt,
      intake: {
        hold: intake.hold,
        lastPos: intake.lastPos,
        backlog: pipeline.backlog,
        pendingBytes: intake.pendingBytes,
        keptBytes: intake.keptBytes,
      },
      journal: {
        epoch: epoch.ordinal,
        seq,
        blocked: pipeline.blocked,
        roomReserved: ballast.held,
      },
      uplink: {
        ...(uplink()?.status() ?? { state: 'away', committedSeq: 0 }),
        lostAtMs: uplinkLostMs,
      },
      disk: { freeBytes: freeBytes(), roomBytes: this.roomBytes(), ...disk.status() },
      evidence: evidence.status(),
      feed: feed.status(),
      ...(feed.stuckFiles !== undefined && { stuckDocumentFiles: feed.stuckFiles().length }),
      refusals: broker.refusals.list(),
      throttled: broker.rates.list(),
      broker: { ...broker.counters, connections: broker.connections },
      forgottenTags,
      devices,
      alerts,
    };
  }

  #observed() {
    const { broker, observer, stores } = this.#parts;
    const facts = observer.facts(stores.clock.nowMs(), stores.intake.hold?.sinceMs);
    const devices = facts.devices.map((health) => {
      const lineFaults = broker.lineFaults.of(health.device);
      return lineFaults === undefined ? health : { ...health, lineFaults };
    });
    return { ...facts, devices, alerts: [...facts.alerts, ...tlsAlerts(broker.listeners.faults)] };
  }
}
