import type { NodeConnectionOptions } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { messageOf, type Result } from '#contracts/fault.ts';
import { parseGatewayId, parseSiteId, type EventPosition, type TenantId } from '#contracts/ids.ts';
import { subjectOf, type GatewayAddress } from '#contracts/subjects.ts';
import type { Clock } from '#contracts/time.ts';
import type { AskOverNats } from './evidence/ask-gateway.ts';
import { DownlinkBook } from './downlink/downlink-book.ts';
import { DownlinkResponder } from './downlink/downlink-responder.ts';
import { Nudger } from './downlink/nudger.ts';
import { EvidenceBook } from './evidence/evidence-book.ts';
import { RawEvidenceService } from './evidence/raw-evidence.ts';
import { BatchApplier, type AppliedGroup } from './intake/batch-applier.ts';
import { GroupWorker } from './intake/group-worker.ts';
import { HelloResponder } from './intake/hello-responder.ts';
import type { HubKey } from './intake/hub-key.ts';
import { HubLink, type LinkListener } from './intake/hub-link.ts';
import { Intake } from './intake/intake.ts';
import { isSignedByGateway, LaneBook } from './intake/lane-book.ts';
import { SqlLaneStore } from './intake/sql-lane-store.ts';
import { NowFactsBook } from './intake/now-facts.ts';
import { queryQuarantine } from './intake/quarantine.ts';
import { Receipts } from './intake/receipts.ts';
import { registerGateway, type Registration } from './intake/register-gateway.ts';
import { StuckLanes } from './intake/stuck-lanes.ts';
import { unpark } from './intake/unpark.ts';
import { sha256Hex } from './intake/wire-crypto.ts';
import { queryEvent } from './ledger/event-query.ts';
import { queryMovements } from './ledger/movements-query.ts';
import { createChanges, type Changes } from './projections/changes.ts';
import { describeFleet, queryRecorded } from './projections/fleet-query.ts';
import { haltedLanes, type GatewayView, type HaltedLane } from './projections/gateway-view.ts';
import { queryOutages } from './projections/outages-query.ts';
import { queryGatewayQuarantine } from './projections/quarantine-query.ts';
import { queryStock } from './projections/stock-query.ts';
import { queryTasks } from './projections/tasks-query.ts';
import { namesOf } from './site-people/names-of.ts';
import type { Store } from './store/store.ts';
import { queryInTransit } from './transfers/in-transit-query.ts';

/** Gateways that another process registered show after at most this. */
const gatewaysEveryMs = 1_000;

/** What the hub's core needs; the store is open and stays open until after `stop`. */
export interface HubCoreOptions {
  readonly store: Store;
  readonly nats: NodeConnectionOptions;
  readonly tenant: TenantId;
  readonly hubKey: HubKey;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How the core is, and what it has taken since it started. */
export interface CoreStatus {
  readonly nats: 'connected' | 'away';
  /** Whether events can come in now. */
  readonly intake: 'consuming' | 'waiting';
  /** Gateways whose lanes wait for somebody. */
  readonly halted: readonly HaltedLane[];
  readonly taken: Readonly<Record<Taken, number>>;
}
const takenNames = ['events', 'duplicates', 'parked', 'poison', 'refused'] as const;
type Taken = (typeof takenNames)[number];

/** What the hub's parts share. */
interface Parts {
  readonly options: HubCoreOptions;
  readonly book: LaneBook;
  readonly facts: NowFactsBook;
  readonly stuck: StuckLanes;
  readonly receipts: Receipts;
  readonly changes: Changes;
  readonly rawEvidence: RawEvidenceService;
  readonly taken: Record<Taken, number>;
}

/**
 * The hub's core: takes what gateways send into ledger and projections, and answers questions about
 * them. It starts without NATS and takes up work whenever NATS is there.
 */
export interface HubCore {
  /** Reads where everything stands, lets parked events of kinds now known take effect, and begins. */
  start(): Promise<void>;
  /** Ends the transaction under way and leaves the rest to the stream. */
  stop(): Promise<void>;
  readonly changes: Pick<Changes, 'listen'>;
  readonly queries: ReturnType<typeof createQueries>;
  /** All registered gateways as they are known now. */
  gateways(): readonly GatewayView[];
  status(): CoreStatus;
  /** Lets a gateway in. @returns refusal BAD_INPUT or CONFLICT. */
  registerGateway(of: Registration): Promise<Result<Registration>>;
  /** Something new waits in the downlink of a gateway: it is told now, not within a second. */
  nudge(): void;
  /** Somebody else changed a registration. */
  reloadGateways(): Promise<void>;
  /** Asks a gateway to send again everything after what is committed. Harmless at any time. */
  requestReplay(gateway: string): void;
}

/** Puts the core together; nothing runs before `start`. */
export function createHubCore(options: HubCoreOptions): HubCore {
  const { store, tenant, clock, log, hubKey: key } = options;
  const changes = createChanges();
  const book = new LaneBook(new SqlLaneStore(store));
  const facts = new NowFactsBook({ store, book, changes, clock, log });
  const publish = (subject: string, text: string) => link.publish(subject, text);
  const receipts = new Receipts({ book, key, clock, draining: () => facts.draining(), publish });
  const taken = { events: 0, duplicates: 0, parked: 0, poison: 0, refused: 0 };
  const stuck = new StuckLanes({ book, changes, clock, log });
  const rawEvidence = createRawEvidence(options, book, (...of) => link.request(...of));
  const parts: Parts = { options, book, facts, stuck, receipts, changes, rawEvidence, taken };
  const applier = new BatchApplier({ book, tenant, clock });
  const applied = (group: AppliedGroup) => hearApplied(parts, group);
  const intake = new Intake({ tenant, worker: new GroupWorker({ applier, stuck, applied }), log });
  const hello = new HelloResponder({ book, receipts, clock, log });
  const downlink = createDownlink(parts);
  const nudger = createNudger(parts, publish);
  const listener: LinkListener = {
    hello: (address, data) => hello.answer(address, data),
    downlink: (address, data) => downlink.answer(address, data),
    facts: (address, data) => facts.hear(address, data),
    connected: (connection) => intake.start(connection),
    reconnected: () => intake.renew(),
    disconnected: () => intake.stop(),
  };
  const link = new HubLink({ options: options.nats, tenant, log, listener });
  let timer: NodeJS.Timeout | undefined;
  return {
    changes,
    queries: createQueries(parts),
    gateways: () => gatewayViews(parts),
    nudge: () => nudger.look(),
    async start() {
      await book.load();
      const unparked = await unpark(store, book);
      if (unparked > 0) log.info({ events: unparked }, 'intake.unparked');
      await facts.start();
      link.start();
      nudger.start();
      timer = setInterval(() => void loadGateways(parts), gatewaysEveryMs);
    },
    async stop() {
      clearInterval(timer);
      await nudger.stop();
      // A session that waits for a server that is gone ends with its connection, not before.
      const intakeStopped = intake.stop();
      await link.stop();
      await intakeStopped;
      receipts.stop();
      await facts.stop();
    },
    status: () => statusOf(parts, link, intake),
    async registerGateway(of) {
      const registered = await registerGateway(store, clock, of);
      if (registered.ok) await readGateways(parts);
      return registered;
    },
    reloadGateways: () => readGateways(parts),
    requestReplay: (gateway) => askReplay(parts, gateway),
  };
}

function statusOf(parts: Parts, link: HubLink, intake: Intake): CoreStatus {
  return {
    nats: link.connected ? 'connected' : 'away',
    intake: intake.consuming ? 'consuming' : 'waiting',
    halted: haltedLanes(gatewayViews(parts)),
    taken: { ...parts.taken },
  };
}

function askReplay(parts: Parts, gateway: string): void {
  const address = addressOf(parts, gateway);
  if (address !== undefined) parts.receipts.askReplay(address);
}

function createRawEvidence(
  { store, tenant, hubKey, clock, log }: HubCoreOptions,
  lanes: LaneBook,
  request: AskOverNats,
): RawEvidenceService {
  return new RawEvidenceService({
    book: new EvidenceBook(store),
    ask: { request, sign: (text) => hubKey.sign(text) },
    addressOf: (gateway) => addressIn(lanes, tenant, gateway),
    clock,
    log,
  });
}

function createDownlink({ options, book, changes }: Parts): DownlinkResponder {
  const { store, tenant, hubKey: key, clock, log } = options;
  return new DownlinkResponder({
    author: { tenant, key, clock },
    book: new DownlinkBook(store),
    async isSigned({ gateway, site }, text, signature) {
      if (book.gateway(gateway) === undefined) await book.loadGateways();
      const registered = book.gateway(gateway);
      return registered?.site === site && isSignedByGateway(registered, text, signature);
    },
    knownAs(gateway) {
      const { key, retiring } = book.gateway(gateway) ?? {};
      return retiring === undefined ? undefined : key?.keyId;
    },
    changed: (site) => changes.emit({ topic: 'fleet', sites: [site] }),
    log,
  });
}

function createNudger({ options, book }: Parts, publish: HubLink['publish']): Nudger {
  const { store, tenant, clock, log } = options;
  const logs = new DownlinkBook(store);
  // Whose key was rotated is told with its next answer: it need not wait for its own turn to ask.
  const rotated = () => book.gateways().filter(({ retiring }) => retiring !== undefined);
  return new Nudger({
    book: {
      async waiting() {
        const waiting = await logs.waiting();
        const others = rotated().filter((one) => !waiting.some((of) => of.gateway === one.gateway));
        return [...waiting, ...others.map(({ gateway }) => ({ gateway, latest: 0 }))];
      },
    },
    nudge(gateway, latest) {
      const address = addressIn(book, tenant, gateway);
      if (address !== undefined) publish(subjectOf(address, 'nudge'), String(latest));
    },
    clock,
    log,
  });
}

/** After a commit: counts, tells each gateway, tells who listens. */
function hearApplied(parts: Parts, group: AppliedGroup): void {
  const { book, receipts, changes, taken } = parts;
  const { log } = parts.options;
  for (const name of takenNames) taken[name] += group[name];
  const { poison, parked, refused } = group;
  if (poison + parked + refused > 0) log.warn({ poison, parked, refused }, 'intake.put-aside');
  for (const gateway of group.halted) {
    log.error({ gateway, reason: book.lane(gateway)?.reason }, 'lane.halted');
  }
  for (const [gateway, answer] of group.answers) {
    const address = addressOf(parts, gateway);
    if (address === undefined) continue;
    if (answer === 'replay') receipts.askReplay(address);
    else receipts.push(address);
  }
  for (const change of group.changes) changes.emit(change);
}

function createQueries(parts: Parts) {
  const { store, clock } = parts.options;
  const gateways = () => gatewayViews(parts);
  const asking = { store, clock, gateways };
  const proofs = {
    sha256: sha256Hex,
    isSigned(gateway: string, keyId: string, text: string, signature: string) {
      const registered = parts.book.gateway(gateway);
      const { key } = registered ?? {};
      const signer = key?.keyId === keyId ? key : registered?.formerKeys.get(keyId);
      return signer !== undefined && signer.verify(text, signature);
    },
  };
  return {
    stock: (query: Parameters<typeof queryStock>[1]) => queryStock(asking, query),
    movements: (query: Parameters<typeof queryMovements>[1]) => queryMovements(store, query),
    event: (position: EventPosition) => queryEvent(store, proofs, position),
    rawEvidence: (position: EventPosition) => parts.rawEvidence.of(position),
    fleet: async () => describeFleet(gateways(), await queryRecorded(store), clock.nowMs()),
    quarantine: () => queryQuarantine(store.read),
    gatewayQuarantine: (gateway: string) => queryGatewayQuarantine(store, gateway, clock.nowMs()),
    inTransit: (query: Parameters<typeof queryInTransit>[1]) => queryInTransit(asking, query),
    outages: (query: Parameters<typeof queryOutages>[1]) => queryOutages(asking, query),
    tasks: (query: Parameters<typeof queryTasks>[1]) =>
      queryTasks({ ...asking, nameOf: (persons) => namesOf(store, persons) }, query),
  };
}

function gatewayViews({ book, facts, stuck }: Parts): GatewayView[] {
  return book
    .gateways()
    .map(({ gateway, site }) => {
      const known = facts.of(gateway);
      const now = known === undefined ? undefined : { ...known, silent: facts.isSilent(gateway) };
      return { site, gateway, lane: book.lane(gateway), stuck: stuck.of(gateway), now };
    })
    .sort((a, b) => byCodeUnit(a.site, b.site) || byCodeUnit(a.gateway, b.gateway));
}

function addressOf({ book, options }: Parts, gateway: string): GatewayAddress | undefined {
  return addressIn(book, options.tenant, gateway);
}

function addressIn(book: LaneBook, tenant: TenantId, gateway: string): GatewayAddress | undefined {
  const registered = book.gateway(gateway);
  if (registered === undefined) return undefined;
  const site = parseSiteId(registered.site);
  return { tenant, site, gateway: parseGatewayId(gateway) };
}

/** One that is new shows at once, as never seen. */
async function readGateways({ book, changes }: Parts): Promise<void> {
  for (const { site } of await book.loadGateways()) {
    changes.emit({ topic: 'fleet', sites: [site] });
  }
}

/** What commands beside the running hub changed. */
async function loadGateways(parts: Parts): Promise<void> {
  const { book, changes, options, receipts } = parts;
  try {
    await readGateways(parts);
    for (const gateway of await book.loadReleases()) {
      const address = addressOf(parts, gateway);
      if (address === undefined) continue;
      options.log.warn({ gateway }, 'lane.released');
      changes.emit({ topic: 'fleet', sites: [address.site] });
      receipts.push(address);
    }
  } catch (error) {
    options.log.error({ reason: messageOf(error) }, 'gateways.not-read');
  }
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
