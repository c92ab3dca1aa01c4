import type {
  ClientMonitoredItemBase,
  ClientSession,
  ClientSessionRawSubscriptionService,
  ClientSubscription,
  DataValue,
  ExtensionObject,
  NotificationMessage,
  OPCUAClient,
  Variant,
} from 'node-opcua';
import { messageOf } from '#contracts/fault.ts';
import { closeClient } from './close-client.ts';
import { eventFilter } from './event-filter.ts';
import { assertInternals } from './library-internals.ts';
import { parseNodeAddress, resolveNode } from './node-address.ts';
import type { EventSpec } from './opcua-event.ts';
import type { OpcUaLibrary } from './opcua-library.ts';
import { keepAliveMs, subscriptionRates } from './opcua-rates.ts';
import { endRepair, takeMessage } from './opcua-sequence.ts';
import type { MessageOrder, OrderStep } from './opcua-sequence.ts';
import { isSameServer, readClockAhead, readServer } from './opcua-server-identity.ts';
import type { ServerIdentity } from './opcua-server-identity.ts';
import { StructureTypes } from './structure-types.ts';

/** A tag, or with `events` a notifier whose events are wanted. */
export interface LinkItem {
  readonly name: string;
  readonly node: string;
  readonly events?: EventSpec;
}

/** What a link tells its driver. After `ended` nothing more comes. */
export interface LinkEvents {
  /** The server answered something: up to now nothing is missing. */
  heard(): void;
  /** The connection broke; the library is trying to get it back. */
  lost(): void;
  /** The library did something to get it back. */
  repairing(): void;
  /** It is back with the same session or subscription: what the server queued is delivered. */
  restored(): void;
  /** Notifications that the server sent never arrived. */
  skipped(): void;
  /** The values of one notification, in their order. */
  values(values: readonly TagValue[], namespaces: readonly string[]): void;
  /** The events of one notification, in their order. */
  events(events: readonly ItemEvent[], namespaces: readonly string[]): void;
  /** The link cannot go on as it is: connect anew. */
  ended(why: string): void;
}

export interface TagValue {
  readonly tag: string;
  readonly value: DataValue;
}

export interface ItemEvent {
  readonly item: string;
  /** In the order of the spec's fields. */
  readonly fields: readonly Variant[];
}

const itemsPerCall = 100;
/** ConditionType and its method ConditionRefresh. */
const conditionTypeNode = 'i=2782';
const conditionRefreshNode = 'i=3875';

interface ResolvedItem extends LinkItem {
  readonly nodeId: string;
}

/**
 * One session with one subscription. It survives a broken connection as long as the server keeps
 * either (OPC UA Part 4, 6.7), which loses nothing. Where the server is another one than before
 * (restarted, namespaces renumbered) or the subscription had to be made anew, the link ends: node
 * ids must be resolved again before any value is believed.
 */
export class OpcUaLink {
  readonly #library: OpcUaLibrary;
  readonly #client: OPCUAClient;
  readonly #session: ClientSession;
  readonly server: ServerIdentity;
  readonly #events: LinkEvents;
  #subscription: ClientSubscription | undefined;
  #order: MessageOrder<NotificationMessage> = { last: undefined, waiting: new Map() };
  #isRepairing = false;
  readonly #itemNames = new Map<ClientMonitoredItemBase, string>();
  #nameOfHandle = new Map<number, string>();
  readonly #structures: StructureTypes;
  /** Notifications that wait for the types of their structures, so that all keep their order. */
  #handing: Promise<void> | undefined;
  #isOver = false;

  constructor(
    library: OpcUaLibrary,
    client: OPCUAClient,
    session: ClientSession,
    server: ServerIdentity,
    events: LinkEvents,
  ) {
    this.#library = library;
    this.#client = client;
    this.#session = session;
    this.server = server;
    this.#events = events;
    this.#structures = new StructureTypes(library, session);
  }

  /** For questions beside the subscription. */
  get session(): ClientSession {
    return this.#session;
  }

  /** Starts the subscription, still without tags. */
  async open(samplingMs: number, queueSize: number): Promise<void> {
    this.#watchConnection();
    const subscription = await this.#session.createSubscription2({
      ...subscriptionRates(samplingMs, queueSize),
      maxNotificationsPerPublish: 0,
      priority: 1,
      publishingEnabled: true,
    });
    assertInternals('subscription', subscription);
    this.#subscription = subscription;
    subscription.on('raw_notification', (message: NotificationMessage) => {
      if (!this.#isOver) this.#receive(message);
    });
    subscription.on('subscriptionId_changed', () => this.end('the subscription was made anew'));
    subscription.on('terminated', () => this.end('the server ended the subscription'));
    subscription.on('internal_error', (error: Error) => this.end(error.message));
  }

  /** How often the server promised to say something, as it revised the request. */
  get keepAliveMs(): number {
    const { maxKeepAliveCount = 1, publishingInterval = keepAliveMs } = this.#subscription ?? {};
    return Math.max(maxKeepAliveCount * publishingInterval, keepAliveMs);
  }

  /**
   * Subscribes to tags and events.
   *
   * @returns what the server refused, with the reason; the others are served.
   */
  async monitor(
    items: readonly LinkItem[],
    samplingMs: number,
    queueSize: number,
  ): Promise<ReadonlyMap<string, string>> {
    const refused = new Map<string, string>();
    const resolved: ResolvedItem[] = [];
    const { namespaces } = this.server;
    for (const item of items) {
      const address = parseNodeAddress(item.node);
      const nodeId = address === undefined ? undefined : resolveNode(address, namespaces);
      if (nodeId !== undefined) resolved.push({ ...item, nodeId });
      else
        refused.set(item.name, address === undefined ? 'not a node address' : 'no such namespace');
    }
    const tags = resolved.filter(({ events }) => events === undefined);
    for (let at = 0; at < tags.length; at += itemsPerCall) {
      const chunk = tags.slice(at, at + itemsPerCall);
      for (const [tag, why] of await this.#monitorChunk(chunk, samplingMs, queueSize)) {
        refused.set(tag, why);
      }
    }
    for (const item of resolved.filter(({ events }) => events !== undefined)) {
      const why = await this.#monitorEvents(item, queueSize);
      if (why !== undefined) refused.set(item.name, why);
    }
    return refused;
  }

  /** @returns why the server refused, if it did. */
  async #monitorEvents(item: ResolvedItem, queueSize: number): Promise<string | undefined> {
    const { events } = item;
    if (events === undefined) return undefined;
    const filter = eventFilter(this.#library, events, this.server.namespaces);
    if (filter === undefined) return 'no such event type: its namespace is not there';
    const refused = await this.#monitorChunk([item], 0, queueSize, filter);
    return refused.get(item.name);
  }

  async #monitorChunk(
    chunk: readonly ResolvedItem[],
    samplingInterval: number,
    queueSize: number,
    filter?: ExtensionObject,
  ): Promise<Map<string, string>> {
    const { AttributeIds, ClientMonitoredItemGroup, TimestampsToReturn } = this.#library;
    const subscription = this.#subscription;
    if (subscription === undefined || !subscription.isActive) throw new Error('no subscription');
    const attributeId = filter === undefined ? AttributeIds.Value : AttributeIds.EventNotifier;
    const group = ClientMonitoredItemGroup.create(
      subscription,
      chunk.map(({ nodeId }) => ({ nodeId, attributeId })),
      { samplingInterval, queueSize, discardOldest: true, ...(filter && { filter }) },
      filter === undefined ? TimestampsToReturn.Both : TimestampsToReturn.Neither,
    );
    group.monitoredItems.forEach((item, index) => {
      this.#itemNames.set(item, chunk[index]?.name ?? '');
    });
    await new Promise<void>((resolve, reject) => {
      group.on('initialized', resolve);
      group.on('err', (message: string) => reject(new Error(message)));
    });
    const refused = new Map<string, string>();
    for (const item of group.monitoredItems) {
      const { statusCode } = item;
      if (statusCode.isGood()) continue;
      refused.set(this.#itemNames.get(item) ?? '', statusCode.name);
      this.#itemNames.delete(item);
    }
    return refused;
  }

  /** Ends the watch of tags whose nodes are gone, so that they can be subscribed to anew. */
  async drop(names: ReadonlySet<string>): Promise<void> {
    const items = [...this.#itemNames].filter(([, name]) => names.has(name));
    if (items.length === 0 || this.#subscription === undefined) return;
    for (const [item] of items) {
      this.#itemNames.delete(item);
      this.#nameOfHandle.delete(item.monitoringParameters.clientHandle);
    }
    // It is there, but on an interface that the type of a session leaves out.
    const raw = this.#session as unknown as ClientSessionRawSubscriptionService;
    await raw.deleteMonitoredItems({
      subscriptionId: this.#subscription.subscriptionId,
      monitoredItemIds: items.map(([{ monitoredItemId }]) => Number(monitoredItemId)),
    });
  }

  /**
   * Has the server tell again which conditions it retains (OPC UA Part 9, 5.5.7).
   *
   * @returns the name of a StatusCode, `Good` if it does.
   */
  async refreshConditions(): Promise<string> {
    const { DataType } = this.#library;
    const subscriptionId = this.#subscription?.subscriptionId ?? 0;
    const { statusCode } = await this.#session.call({
      objectId: conditionTypeNode,
      methodId: conditionRefreshNode,
      inputArguments: [{ dataType: DataType.UInt32, value: subscriptionId }],
    });
    return statusCode.name;
  }

  /** How far the server's clock is ahead of `nowMs`; undefined where it does not tell the time. */
  clockAheadMs(nowMs: () => number): Promise<number | undefined> {
    return readClockAhead(this.#session, nowMs);
  }

  #watchConnection(): void {
    const client = this.#client;
    client.on('connection_lost', () => {
      this.#isRepairing = true;
      this.#tell((events) => events.lost());
    });
    const repairing = (): void => this.#tell((events) => events.repairing());
    client.on('backoff', repairing);
    client.on('start_reconnection', repairing);
    client.on('after_reconnection', repairing);
    client.on('connection_reestablished', () => void this.#checkRestored());
    client.on('close', () => this.end('the connection was closed'));
    this.#session.on('session_closed', () => this.end('the session was closed'));
    // Part of the library's inner interface: it is called when the old session is gone, before the
    // old node ids are subscribed to on a server that may have numbered its namespaces anew.
    const repair = client as { beforeSubscriptionRecreate?: () => Promise<Error | undefined> };
    repair.beforeSubscriptionRecreate = async () => {
      const server = await readServer(this.#session);
      if (isSameServer(server, this.server)) return undefined;
      this.end('the server was restarted');
      return new Error('the server was restarted');
    };
  }

  async #checkRestored(): Promise<void> {
    try {
      const server = await readServer(this.#session);
      if (!isSameServer(server, this.server)) {
        this.end('the server was restarted');
        return;
      }
      if (this.#isOver) return;
      this.#isRepairing = false;
      this.#deliver(endRepair(this.#order));
      this.#events.restored();
    } catch (error) {
      this.end(messageOf(error));
    }
  }

  /**
   * One message of the subscription. Values are taken here and not from the monitored items'
   * events, which come later and would let a republished message overtake or repeat another.
   */
  #receive(message: NotificationMessage): void {
    const { sequenceNumber } = message;
    const isKeepAlive = (message.notificationData ?? []).length === 0;
    const numbered = { sequenceNumber, isKeepAlive, message };
    this.#deliver(takeMessage(this.#order, numbered, this.#isRepairing));
  }

  #deliver({ deliveries, order }: OrderStep<NotificationMessage>): void {
    this.#order = order;
    // The library asks to republish from behind the newest number that it saw, be it a
    // keep-alive's, which was not sent yet, or that of a live message ahead of republished ones,
    // and so would lose what lies between. It is to ask for what is really missing.
    const inner = this.#subscription as { lastSequenceNumber?: number } | undefined;
    if (inner !== undefined && order.last !== undefined) inner.lastSequenceNumber = order.last;
    for (const { message, skipped } of deliveries) {
      if (skipped) this.#events.skipped();
      this.#events.heard();
      this.#hand(message.notificationData ?? []);
    }
  }

  /** At once, unless a structure's type must be asked for first, here or before. */
  #hand(data: readonly (ExtensionObject | null)[]): void {
    const unknown = this.#structures.unknownIn(data);
    if (unknown.length === 0 && this.#handing === undefined) {
      this.#tellOf(data);
      return;
    }
    const handing = (this.#handing ?? Promise.resolve())
      .then(() => this.#structures.decode(unknown, () => !this.#isRepairing))
      .then(() => {
        if (this.#handing === handing) this.#handing = undefined;
        if (!this.#isOver) this.#tellOf(data);
      })
      .catch((error: unknown) => this.end(messageOf(error)));
    this.#handing = handing;
  }

  #tellOf(data: readonly (ExtensionObject | null)[]): void {
    const { DataChangeNotification, EventNotificationList } = this.#library;
    const { namespaces } = this.server;
    for (const notification of data) {
      if (notification instanceof DataChangeNotification) {
        const values = (notification.monitoredItems ?? []).flatMap(({ clientHandle, value }) => {
          const tag = this.#nameOf(clientHandle);
          return tag === undefined ? [] : [{ tag, value }];
        });
        if (values.length > 0) this.#events.values(values, namespaces);
      } else if (notification instanceof EventNotificationList) {
        const events = (notification.events ?? []).flatMap(({ clientHandle, eventFields }) => {
          const item = this.#nameOf(clientHandle);
          return item === undefined ? [] : [{ item, fields: eventFields ?? [] }];
        });
        if (events.length > 0) this.#events.events(events, namespaces);
      }
    }
  }

  /**
   * Handles are given out while a group is being created, so they are looked up when first seen.
   */
  #nameOf(handle: number): string | undefined {
    if (!this.#nameOfHandle.has(handle)) {
      for (const [item, name] of this.#itemNames) {
        this.#nameOfHandle.set(item.monitoringParameters.clientHandle, name);
      }
    }
    return this.#nameOfHandle.get(handle);
  }

  #tell(what: (events: LinkEvents) => void): void {
    if (!this.#isOver) what(this.#events);
  }

  /** Ends the link once; whoever listens connects anew. */
  end(why: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.ended(why);
  }

  /** Closes session and connection, without waiting long for a server that does not answer. */
  async close(): Promise<void> {
    this.#isOver = true;
    await closeClient(this.#client, this.#session);
  }
}
