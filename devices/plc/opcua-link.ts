import type {
  ClientMonitoredItemBase,
  ClientSession,
  ClientSubscription,
  DataValue,
  ExtensionObject,
  NotificationMessage,
  OPCUAClient,
} from 'node-opcua';
import { messageOf } from '#contracts/fault.ts';
import { parseNodeAddress, resolveNode } from './node-address.ts';
import type { OpcUaLibrary } from './opcua-library.ts';
import { isSameServer, readServer } from './opcua-server-identity.ts';
import type { ServerIdentity } from './opcua-server-identity.ts';
import { endRepair, takeMessage } from './opcua-sequence.ts';
import type { MessageOrder, OrderStep } from './opcua-sequence.ts';
import { keepAliveMs, subscriptionRates } from './opcua-rates.ts';

export interface LinkTag {
  readonly name: string;
  readonly node: string;
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
  /** The link cannot go on as it is: connect anew. */
  ended(why: string): void;
}

export interface TagValue {
  readonly tag: string;
  readonly value: DataValue;
}

const itemsPerCall = 100;
const closeTimeoutMs = 3000;

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
  #tagOfItem = new Map<ClientMonitoredItemBase, string>();
  #tagOfHandle = new Map<number, string>();
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
   * Subscribes to tags.
   *
   * @returns the tags that the server refused, with the reason; the others are served.
   */
  async monitor(
    tags: readonly LinkTag[],
    samplingMs: number,
    queueSize: number,
  ): Promise<ReadonlyMap<string, string>> {
    const refused = new Map<string, string>();
    const resolved: { tag: string; nodeId: string }[] = [];
    const { namespaces } = this.server;
    for (const { name, node } of tags) {
      const address = parseNodeAddress(node);
      const nodeId = address === undefined ? undefined : resolveNode(address, namespaces);
      if (nodeId !== undefined) resolved.push({ tag: name, nodeId });
      else refused.set(name, address === undefined ? 'not a node address' : 'no such namespace');
    }
    for (let at = 0; at < resolved.length; at += itemsPerCall) {
      const chunk = resolved.slice(at, at + itemsPerCall);
      for (const [tag, why] of await this.#monitorChunk(chunk, samplingMs, queueSize)) {
        refused.set(tag, why);
      }
    }
    return refused;
  }

  async #monitorChunk(
    chunk: readonly { tag: string; nodeId: string }[],
    samplingInterval: number,
    queueSize: number,
  ): Promise<Map<string, string>> {
    const { AttributeIds, ClientMonitoredItemGroup, TimestampsToReturn } = this.#library;
    const subscription = this.#subscription;
    if (subscription === undefined || !subscription.isActive) throw new Error('no subscription');
    const group = ClientMonitoredItemGroup.create(
      subscription,
      chunk.map(({ nodeId }) => ({ nodeId, attributeId: AttributeIds.Value })),
      { samplingInterval, queueSize, discardOldest: true },
      TimestampsToReturn.Both,
    );
    group.monitoredItems.forEach((item, index) => {
      this.#tagOfItem.set(item, chunk[index]?.tag ?? '');
    });
    await new Promise<void>((resolve, reject) => {
      group.on('initialized', resolve);
      group.on('err', (message: string) => reject(new Error(message)));
    });
    const refused = new Map<string, string>();
    for (const item of group.monitoredItems) {
      const { statusCode } = item;
      if (statusCode.isGood()) continue;
      refused.set(this.#tagOfItem.get(item) ?? '', statusCode.name);
      this.#tagOfItem.delete(item);
    }
    return refused;
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
      const values = this.#valuesOf(message.notificationData ?? []);
      if (values.length > 0) this.#events.values(values, this.server.namespaces);
    }
  }

  #valuesOf(notifications: readonly (ExtensionObject | null)[]): TagValue[] {
    const values: TagValue[] = [];
    for (const notification of notifications) {
      if (!(notification instanceof this.#library.DataChangeNotification)) continue;
      for (const { clientHandle, value } of notification.monitoredItems ?? []) {
        const tag = this.#tagOf(clientHandle);
        if (tag !== undefined) values.push({ tag, value });
      }
    }
    return values;
  }

  /**
   * Handles are given out while a group is being created, so they are looked up when first seen.
   */
  #tagOf(handle: number): string | undefined {
    if (!this.#tagOfHandle.has(handle)) {
      for (const [item, tag] of this.#tagOfItem) {
        this.#tagOfHandle.set(item.monitoringParameters.clientHandle, tag);
      }
    }
    return this.#tagOfHandle.get(handle);
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

/** Closes a client, also one that is still connecting. Never rejects. */
export async function closeClient(client: OPCUAClient, session?: ClientSession): Promise<void> {
  const closing = async (): Promise<void> => {
    try {
      await session?.close(true);
    } catch {
      // A session that cannot be closed times out on the server.
    }
    await client.disconnect();
  };
  let timer: NodeJS.Timeout | undefined;
  const giveUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, closeTimeoutMs);
  });
  await Promise.race([closing().catch(() => undefined), giveUp]);
  clearTimeout(timer);
}
