import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import type { TenantId } from '#contracts/ids.ts';
import { subjectOfAll, upStreamName } from '#contracts/subjects.ts';

/** The hub's consumer. There is one hub for a tenant, so there is one name. */
export const consumerName = 'HUB';

/** Batches that wait here unconfirmed; the server sends no more until some are. */
export const unconfirmedBatches = 128;

/**
 * A cache of the wire, never a store: credit bounds what gateways have under way, and what does not
 * fit is refused, so that the gateway, which has it on disk, sends it later.
 */
function streamConfig(tenant: TenantId) {
  return {
    name: upStreamName(tenant),
    subjects: [subjectOfAll(tenant, 'up')],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    // One gateway that sends without hearing receipts must not take the room of all.
    discard_new_per_subject: true,
    max_msgs_per_subject: 2_000,
    max_bytes: 48 * 1024 * 1024,
    max_age: 0,
    num_replicas: 1,
  } satisfies Partial<StreamConfig>;
}

/** Makes the stream, or brings one that is there to what it should be. */
export async function ensureUpStream(jsm: JetStreamManager, tenant: TenantId): Promise<void> {
  const wanted = streamConfig(tenant);
  try {
    const { config } = await jsm.streams.info(wanted.name);
    const same =
      config.discard === wanted.discard &&
      config.discard_new_per_subject === wanted.discard_new_per_subject &&
      config.max_msgs_per_subject === wanted.max_msgs_per_subject &&
      config.max_bytes === wanted.max_bytes &&
      config.max_age === wanted.max_age &&
      config.subjects.join() === wanted.subjects.join();
    if (!same) await jsm.streams.update(wanted.name, wanted);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await jsm.streams.add(wanted);
  }
}

/**
 * A new consumer for every session, from the oldest message the stream holds: where the hub is
 * stands in its own store alone, and what is known there already is a duplicate. So messages come
 * in stream order, which a consumer with open acknowledgements does not promise.
 */
export async function renewConsumer(jsm: JetStreamManager, tenant: TenantId): Promise<void> {
  const stream = upStreamName(tenant);
  try {
    await jsm.consumers.delete(stream, consumerName);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  await jsm.consumers.add(stream, {
    durable_name: consumerName,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    max_ack_pending: unconfirmedBatches,
    // The session notices what is wrong long before; this only keeps the server from repeating itself.
    ack_wait: 120_000_000_000,
    max_deliver: -1,
  });
}

function isNotFound(error: unknown): boolean {
  return (
    error instanceof JetStreamApiError &&
    (error.code === JetStreamApiCodes.StreamNotFound ||
      error.code === JetStreamApiCodes.ConsumerNotFound)
  );
}
