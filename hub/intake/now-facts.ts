import type { Logger } from 'pino';
import { encodeCanonical } from '#contracts/canonical.ts';
import { messageOf } from '#contracts/fault.ts';
import {
  nowFacts,
  nowFactsText,
  signedNowFacts,
  type DeviceHealth,
  type NowFacts,
} from '#contracts/now-lane.ts';
import type { GatewayAddress } from '#contracts/subjects.ts';
import type { Clock } from '#contracts/time.ts';
import { validate } from '#contracts/validate.ts';
import type { Changes } from '../projections/changes.ts';
import { BulkWriter } from '../store/bulk-writer.ts';
import type { Store } from '../store/store.ts';
import { isSignedByGateway, type LaneBook } from './lane-book.ts';

/** Facts older than this say nothing about now. */
const silentAfterMs = 10_000;

const maxFactsBytes = 1024 * 1024;
const saveEveryMs = 5_000;
const skewSamples = 60;
/** A message names at most this many devices; larger sites tell them in turns. */
const devicesInMessage = 500;
/** A device that no turn named for this long is configured no more. */
const forgetDeviceMs = 120_000;

interface DeviceFact {
  readonly factsAt: number;
  readonly health: DeviceHealth;
}

/** What the hub knows of a gateway's present. */
export interface GatewayFacts {
  readonly facts: NowFacts;
  readonly receivedAt: number;
  /** Gateway's clock minus the hub's; the fastest message of the last minute is believed. */
  readonly skewMs: number | undefined;
  readonly devices: readonly DeviceFact[];
  /** The last time nobody heard it: since when, and until when unless it is so still. */
  readonly silence: { readonly fromMs: number; readonly toMs: number | undefined } | undefined;
}

interface Heard {
  facts: NowFacts;
  receivedAt: number;
  skews: number[];
  devices: Map<string, DeviceFact>;
  silence: { fromMs: number; toMs: number | undefined } | undefined;
  saved: boolean;
}

/**
 * The now lane: the latest signed facts of every gateway, in memory, and on disk a few seconds
 * later, so that a restarted hub still knows when it last heard somebody. Provisional: shown, never
 * posted.
 */
export class NowFactsBook {
  readonly #store: Store;
  readonly #book: LaneBook;
  readonly #changes: Changes;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #heard = new Map<string, Heard>();
  readonly #writer = new BulkWriter('gateway_fact', ['gateway', 'facts', 'received_at'], (insert) =>
    insert.onConflict((conflict) =>
      conflict.column('gateway').doUpdateSet((row) => ({
        facts: row.ref('excluded.facts'),
        received_at: row.ref('excluded.received_at'),
      })),
    ),
  );
  #timers: NodeJS.Timeout[] = [];

  constructor(parts: {
    store: Store;
    book: LaneBook;
    changes: Changes;
    clock: Clock;
    log: Logger;
  }) {
    this.#store = parts.store;
    this.#book = parts.book;
    this.#changes = parts.changes;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  async start(): Promise<void> {
    const rows = await this.#store.read.selectFrom('gateway_fact').selectAll().execute();
    for (const row of rows) {
      const facts = validate(nowFacts, JSON.parse(row.facts));
      if (facts.ok) this.#keep(row.gateway, facts.value, row.received_at, undefined);
    }
    this.#timers = [
      setInterval(() => this.#noticeSilence(), 1_000),
      setInterval(() => void this.#save(), saveEveryMs),
    ];
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    await this.#save();
  }

  /** A message of the now lane. What is forged, foreign or older than what is known is dropped. */
  hear(address: GatewayAddress, data: Uint8Array): void {
    const receivedAt = this.#clock.nowMs();
    const { gateway, site } = address;
    const registered = this.#book.gateway(gateway);
    const signed = readFacts(data);
    if (registered === undefined || registered.site !== site || signed === undefined) return;
    const { facts, signature } = signed;
    const before = this.#heard.get(gateway);
    const own = facts.gateway === gateway && facts.site === site && facts.tenant === address.tenant;
    if (!own || (before !== undefined && facts.number <= before.facts.number)) return;
    if (!isSignedByGateway(registered, nowFactsText(facts), signature)) {
      this.#log.warn({ gateway, site }, 'facts.signature-invalid');
      return;
    }
    this.#keep(gateway, facts, receivedAt, facts.atMs - receivedAt);
    this.#changes.emit({ topic: 'fleet', sites: [site] });
    if (before !== undefined && this.#heard.get(gateway)?.silence?.toMs === receivedAt) {
      this.#changes.emit({ topic: 'outages', sites: [site] });
    }
  }

  of(gateway: string): GatewayFacts | undefined {
    const heard = this.#heard.get(gateway);
    if (heard === undefined) return undefined;
    const { facts, receivedAt, skews, devices, silence } = heard;
    // The way takes time, never negative time: of all differences the largest is nearest the truth.
    const skewMs = skews.length === 0 ? undefined : Math.max(...skews);
    return { facts, receivedAt, skewMs, devices: [...devices.values()], silence };
  }

  isSilent(gateway: string): boolean {
    const heard = this.#heard.get(gateway);
    return heard === undefined || this.#clock.nowMs() - heard.receivedAt > silentAfterMs;
  }

  /** Gateways that work off a backlog and can be heard. */
  draining(): number {
    let count = 0;
    for (const [gateway, { facts }] of this.#heard) {
      if (facts.health.uplink === 'draining' && !this.isSilent(gateway)) count += 1;
    }
    return count;
  }

  #keep(gateway: string, facts: NowFacts, receivedAt: number, skewMs: number | undefined): void {
    const before = this.#heard.get(gateway);
    const skews = [...(before?.skews ?? []), ...(skewMs === undefined ? [] : [skewMs])];
    const silent = before !== undefined && receivedAt - before.receivedAt > silentAfterMs;
    this.#heard.set(gateway, {
      facts,
      receivedAt,
      skews: skews.slice(-skewSamples),
      devices: mergeDevices(before?.devices, facts, receivedAt),
      silence: silent ? { fromMs: before.receivedAt, toMs: receivedAt } : before?.silence,
      saved: skewMs === undefined,
    });
  }

  #noticeSilence(): void {
    for (const [gateway, heard] of this.#heard) {
      const open = heard.silence !== undefined && heard.silence.toMs === undefined;
      if (open || !this.isSilent(gateway)) continue;
      heard.silence = { fromMs: heard.receivedAt, toMs: undefined };
      const sites = [heard.facts.site];
      this.#log.warn({ gateway, lastHeardAt: heard.receivedAt }, 'gateway.silent');
      this.#changes.emit({ topic: 'fleet', sites });
      this.#changes.emit({ topic: 'outages', sites });
    }
  }

  async #save(): Promise<void> {
    const unsaved = [...this.#heard].filter(([, heard]) => !heard.saved);
    if (unsaved.length === 0) return;
    const rows = unsaved.map(([gateway, heard]) => ({
      gateway,
      facts: encodeCanonical(heard.facts),
      received_at: heard.receivedAt,
    }));
    try {
      await this.#store.write(async (tx) => {
        this.#writer.write(tx, rows);
      });
      for (const [, heard] of unsaved) heard.saved = true;
    } catch (error) {
      this.#log.error({ err: error, reason: messageOf(error) }, 'facts.not-saved');
    }
  }
}

function readFacts(data: Uint8Array) {
  if (data.length > maxFactsBytes) return undefined;
  let raw: unknown;
  try {
    raw = JSON.parse(Buffer.from(data).toString('utf8'));
  } catch {
    return undefined;
  }
  const signed = validate(signedNowFacts, raw);
  return signed.ok ? signed.value : undefined;
}

/** A message below the limit names all devices; a full one may be one turn of several. */
function mergeDevices(
  before: ReadonlyMap<string, DeviceFact> | undefined,
  facts: NowFacts,
  receivedAt: number,
): Map<string, DeviceFact> {
  const devices = new Map<string, DeviceFact>();
  const full = facts.devices.length >= devicesInMessage;
  const turns = full || (before !== undefined && before.size >= devicesInMessage);
  if (turns && before !== undefined) {
    for (const [device, fact] of before) {
      if (receivedAt - fact.factsAt < forgetDeviceMs) devices.set(device, fact);
    }
  }
  for (const health of facts.devices) {
    devices.set(health.device, { factsAt: receivedAt, health });
  }
  return devices;
}
