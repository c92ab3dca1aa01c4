import type { Logger } from 'pino';
import type { Clock } from '#contracts/time.ts';
import type { FeedTargetConfig } from '../config/feed-config.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { ownZones } from '../config/own-zones.ts';
import { readSecretFile } from '../identity/secret-file.ts';
import type { IntakeLog } from '../intake/intake-log.ts';
import type { JournalReader } from '../journal/journal-reader.ts';
import type { Pipeline } from '../pipeline.ts';
import type { StockView } from '../stock/stock-view.ts';
import { openCursorStore, type CursorStore } from './cursor-store.ts';
import { DocumentIntake } from './document-intake.ts';
import { DocumentsFolder, type StuckFile } from './documents-folder.ts';
import type { FeedSink } from './feed-sink.ts';
import { FeedTarget, type FeedTargetStatus } from './feed-target.ts';
import { createFileSink } from './file-sink.ts';
import { createMqttSink } from './mqtt-sink.ts';
import { createWebhookSink } from './webhook-sink.ts';

export interface FeedOptions {
  /** What is in force now. */
  readonly config: () => GatewayConfig;
  readonly stock: Pick<StockView, 'document'>;
  readonly pipeline: Pick<Pipeline, 'submit'>;
  readonly intake: Pick<IntakeLog, 'hold'>;
  readonly journal: JournalReader;
  /** Trusted time. */
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly log: Logger;
  readonly fatal: (error: unknown) => void;
}

/** What an interface may do with the feed. */
export interface FeedDoor {
  /** Undefined where documents come as files alone. */
  readonly token: string | undefined;
  readonly documents: Pick<DocumentIntake, 'take'>;
  status(): readonly FeedTargetStatus[];
  /** What lies in the documents folder and cannot be taken. */
  stuckFiles?(): readonly StuckFile[];
}

export interface Feed extends FeedDoor {
  /** To be called before the journal goes on: new targets begin there. */
  start(): void;
  stop(): Promise<void>;
}

/**
 * The feed of a warehouse system on the site, as the config has it when this is called.
 *
 * @throws Fault as the cursor store, IDENTITY_MISSING for a secret.
 */
export function createFeed(options: FeedOptions): Feed {
  const { clock, intake, log, pipeline, stock } = options;
  const { dataDir, feed = {} } = options.config();
  const { documentsFolder, targets = [], tokenFile } = feed;
  const documents = new DocumentIntake({
    place: () => placeOf(options.config()),
    stock,
    submit: (body, atMs) => pipeline.submit(body, atMs),
    isHeld: () => intake.hold !== undefined,
    clock,
  });
  const folder =
    documentsFolder === undefined
      ? undefined
      : new DocumentsFolder({ folder: documentsFolder, intake: documents, log });
  const cursors = targets.length === 0 ? undefined : openCursorStore(dataDir);
  const running =
    cursors === undefined ? [] : targets.map((target) => targetOf(target, cursors, options));
  return {
    token: tokenFile === undefined ? undefined : secretOf(tokenFile, 'the token of the feed'),
    documents,
    status: () => running.map((target) => target.status()),
    ...(folder !== undefined && { stuckFiles: () => folder.stuck() }),
    start() {
      for (const target of running) target.start();
      folder?.start();
    },
    async stop() {
      await folder?.stop();
      await Promise.all(running.map((target) => target.stop()));
      cursors?.close();
    },
  };
}

function placeOf(config: GatewayConfig) {
  const { gateway, items = [] } = config;
  return {
    site: gateway.site,
    zones: new Set(ownZones(config).map(({ id }) => id)),
    items: new Set(items.map(({ item }) => item)),
  };
}

function targetOf(
  target: FeedTargetConfig,
  cursors: CursorStore,
  { clock, config, fatal, journal, log, random }: FeedOptions,
): FeedTarget {
  const { from, id, kinds } = target;
  const sink = sinkOf(target, config().gateway, clock);
  return new FeedTarget({ id, kinds, from, sink, journal, cursors, random, log, fatal });
}

function sinkOf(
  { id, file, mqtt, webhook }: FeedTargetConfig,
  gateway: GatewayConfig['gateway'],
  clock: Clock,
): FeedSink {
  if (webhook !== undefined) {
    const { secretFile, ...rest } = webhook;
    const secret = secretOf(secretFile, `the secret of feed target ${id}`);
    return createWebhookSink({ ...rest, secret, clock });
  }
  if (mqtt !== undefined) {
    const { passwordFile, ...rest } = mqtt;
    const password =
      passwordFile === undefined
        ? undefined
        : secretOf(passwordFile, `the password of feed target ${id}`);
    const clientId = `holdfast-${gateway.site}-${gateway.id}-${id}`;
    return createMqttSink({ ...rest, password, clientId });
  }
  return createFileSink(file ?? { folder: '' });
}

function secretOf(file: string, what: string): string {
  return readSecretFile(file, what).trim();
}
