import type { MqttClient } from 'mqtt';
import { Fault, messageOf } from '#contracts/fault.ts';
import type { FeedEvent } from './feed-event.ts';
import type { FeedSink } from './feed-sink.ts';

export interface MqttSinkOptions {
  /** mqtt or mqtts; checked by the config. */
  readonly url: string;
  /** Events go to this topic, a slash, and their kind. */
  readonly topic: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly clientId: string;
  readonly timeoutMs?: number | undefined;
}

const defaultTimeoutMs = 10_000;
const atLeastOnce = 1;

/**
 * Publishes to a broker of the site with QoS 1, each event once the one before is acknowledged. The
 * connection is ended at the first trouble: nothing is left in it that could overtake another try.
 */
export function createMqttSink(options: MqttSinkOptions): FeedSink {
  const { timeoutMs = defaultTimeoutMs, topic } = options;
  let client: MqttClient | undefined;
  const drop = () => {
    client?.end(true);
    client = undefined;
  };
  return {
    type: 'mqtt',
    batchEvents: 100,
    async deliver(events, signal) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      try {
        client ??= await connectWithin(options, timeoutMs, limit);
        await publishAll(client, topic, events, timeoutMs, signal);
      } catch (cause) {
        drop();
        throw new Fault('LINK_DOWN', messageOf(cause), { cause });
      }
    },
    close: async () => drop(),
  };
}

/** A connection that comes too late is ended. */
async function connectWithin(
  options: MqttSinkOptions,
  timeoutMs: number,
  limit: AbortSignal,
): Promise<MqttClient> {
  const connecting = connect(options, timeoutMs);
  try {
    return await orAborted(connecting, limit);
  } catch (error) {
    connecting.then(
      (late) => late.end(true),
      () => {},
    );
    throw error;
  }
}

async function connect(options: MqttSinkOptions, timeoutMs: number): Promise<MqttClient> {
  const { clientId, password, url, username } = options;
  const { connectAsync } = await import('mqtt');
  const client = await connectAsync(
    url,
    {
      clientId,
      clean: true,
      reconnectPeriod: 0,
      connectTimeout: timeoutMs,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
    },
    false,
  );
  // Without a listener an error would end the process; the publish at work fails by itself.
  client.on('error', () => {});
  return client;
}

async function publishAll(
  client: MqttClient,
  topic: string,
  events: readonly FeedEvent[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const closed = new AbortController();
  const onClose = () => closed.abort(new Error('the broker closed the connection'));
  client.once('close', onClose);
  try {
    if (!client.connected) onClose();
    for (const { kind, text } of events) {
      const limit = AbortSignal.any([signal, closed.signal, AbortSignal.timeout(timeoutMs)]);
      // oxlint-disable-next-line no-await-in-loop -- one at a time keeps the order
      await orAborted(client.publishAsync(`${topic}/${kind}`, text, { qos: atLeastOnce }), limit);
    }
  } finally {
    client.off('close', onClose);
  }
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // Who gave up does not hear of it any more.
  work.catch(() => {});
  signal.throwIfAborted();
  return await new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
