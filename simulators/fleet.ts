import { createHash } from 'node:crypto';
import { SparkplugNode, zigbeePayload } from './climate-payload.ts';
import { effectKey } from './check/effects-fold.ts';
import type { SentRecord } from './check/evidence.ts';
import { impinjPayload } from './impinj-payload.ts';
import { MqttDevice, type MqttAccess, type OutgoingMessage } from './mqtt-device.ts';
import type { OpcUaPlc } from './opcua-plc.ts';
import type { ClimateEmission, Emission, TagEmission } from './world/emission.ts';
import {
  isCovered,
  type ClimateLayout,
  type Delivery,
  type ReaderLayout,
  type SiteLayout,
} from './world/site-layout.ts';
import { zebraPayload } from './zebra-payload.ts';

export interface FleetOptions {
  readonly layout: SiteLayout;
  readonly access: ReadonlyMap<string, MqttAccess>;
  readonly plc: OpcUaPlc | undefined;
  /** Wall time at which the world's time was zero. */
  readonly baseMs: number;
  /** Whether the gateway is down just now, so that what is outside the guarantee may be lost. */
  readonly faulty: () => boolean;
  readonly retryMs?: number;
}

/** What the devices of a site did. */
export interface FleetTally {
  /** Messages and samples that devices had to give. */
  made: number;
  /** Of those, messages of devices inside the guarantee. */
  covered: number;
  /** Messages and samples of devices outside it, given during a fault. */
  uncovered: number;
  acknowledged: number;
}

interface FleetMessage extends OutgoingMessage {
  readonly record: SentRecord;
  readonly covered: boolean;
  /** Already counted as outside the guarantee. */
  exposed: boolean;
}

interface Speaker {
  readonly mqtt: MqttDevice<FleetMessage>;
  messageOf(emission: Emission): { readonly topic: string; readonly payload: Uint8Array };
}

const window = 8;

/** The devices of one site: gives what the world emits to real clients, in vendor bytes. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #speakers = new Map<string, Speaker>();
  readonly #deliveries = new Map<string, Delivery>();
  readonly #tally: FleetTally = { made: 0, covered: 0, uncovered: 0, acknowledged: 0 };
  readonly #portalReads = new Map<string, number>();
  #acknowledged: SentRecord[] = [];

  constructor(options: FleetOptions) {
    this.#options = options;
    const { readers, climate } = options.layout;
    for (const reader of readers) this.#add(reader, (mqtt) => this.#reader(reader, mqtt));
    for (const device of climate) this.#addClimate(device);
  }

  start(): void {
    for (const { mqtt } of this.#speakers.values()) mqtt.start();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#speakers.values()].map(({ mqtt }) => mqtt.stop()));
  }

  tally(): Readonly<FleetTally> {
    return this.#tally;
  }

  /** Messages that devices still keep because nobody acknowledged them. */
  get waiting(): number {
    let waiting = 0;
    for (const { mqtt } of this.#speakers.values()) waiting += mqtt.waiting;
    return waiting;
  }

  /** Every message that was acknowledged and not yet proved to be kept. */
  acknowledged(): readonly SentRecord[] {
    return this.#acknowledged;
  }

  /** Forgets the first `count` acknowledged messages, which a check has proved to be kept. */
  forget(count: number): void {
    this.#acknowledged = this.#acknowledged.slice(count);
  }

  /** Reads made at portals by devices with a natural key, by `effectKey`: no more can be counted. */
  portalReads(): ReadonlyMap<string, number> {
    return this.#portalReads;
  }

  deliver(emission: Emission): void {
    this.#tally.made += 1;
    if (emission.type === 'conveyor') {
      // Samples are polled: what nobody sees during a fault is outside the guarantee.
      const { plc, faulty } = this.#options;
      if (faulty() || plc?.running !== true) this.#tally.uncovered += 1;
      plc?.apply(emission);
      return;
    }
    const speaker = this.#speakers.get(emission.device);
    const delivery = this.#deliveries.get(emission.device);
    if (speaker === undefined || delivery === undefined) return;
    if (emission.type === 'tags') this.#notePortalReads(emission);
    const { topic, payload } = speaker.messageOf(emission);
    const covered = isCovered(delivery);
    if (covered) this.#tally.covered += 1;
    const exposed = !covered && (this.#options.faulty() || !speaker.mqtt.connected);
    if (exposed) this.#tally.uncovered += 1;
    const { gateway } = this.#options.layout;
    const sha256 = createHash('sha256').update(payload).digest('hex');
    const record = { gateway, device: emission.device, sha256 };
    speaker.mqtt.send({ topic, payload, qos: delivery.qos, record, covered, exposed });
  }

  #add(
    delivery: Delivery,
    speakerOf: (mqtt: MqttDevice<FleetMessage>) => Speaker,
    extra: { will?: () => OutgoingMessage; greeting?: () => readonly OutgoingMessage[] } = {},
  ): void {
    const { access, retryMs = 300 } = this.#options;
    const at = access.get(delivery.id);
    if (at === undefined) throw new Error(`nobody said how ${delivery.id} signs in`);
    const mqtt = new MqttDevice<FleetMessage>({
      id: delivery.id,
      access: at,
      buffers: delivery.buffers,
      window,
      retryMs,
      ...extra,
      onAcknowledged: ({ record }) => {
        this.#tally.acknowledged += 1;
        this.#acknowledged.push(record);
      },
      onDropped: (message) => {
        if (message.covered || message.exposed) return;
        message.exposed = true;
        this.#tally.uncovered += 1;
      },
      onSent: () => undefined,
    });
    this.#deliveries.set(delivery.id, delivery);
    this.#speakers.set(delivery.id, speakerOf(mqtt));
  }

  #reader({ topic, family }: ReaderLayout, mqtt: MqttDevice<FleetMessage>): Speaker {
    const { baseMs } = this.#options;
    let eventNum = 1;
    return {
      mqtt,
      messageOf: (emission) => {
        const tags = emission as TagEmission;
        if (family === 'impinj') {
          return { topic: `${topic}/events`, payload: impinjPayload(tags, baseMs) };
        }
        const payload = zebraPayload(tags, baseMs, eventNum);
        eventNum += tags.reads.length;
        return { topic: `${topic}/data`, payload };
      },
    };
  }

  #addClimate(device: ClimateLayout): void {
    if (device.family === 'sparkplug') {
      this.#addSparkplug(device);
      return;
    }
    const { baseMs } = this.#options;
    this.#add(device, (mqtt) => ({
      mqtt,
      messageOf: (emission) => {
        const climate = emission as ClimateEmission;
        return {
          topic: `${device.topic}/${climate.sensor}`,
          payload: zigbeePayload(climate, baseMs),
        };
      },
    }));
  }

  #addSparkplug(device: ClimateLayout): void {
    const { baseMs } = this.#options;
    const node = new SparkplugNode();
    const topic = (type: string, sensor?: string) =>
      device.topic.replace('+', type) + (sensor === undefined ? '' : `/${sensor}`);
    let last: ClimateEmission | undefined;
    const nowMs = () => baseMs + (last?.atMs ?? 0);
    this.#add(
      device,
      (mqtt) => ({
        mqtt,
        messageOf: (emission) => {
          last = emission as ClimateEmission;
          return { topic: topic('DDATA', last.sensor), payload: node.data(last, baseMs) };
        },
      }),
      {
        will: () => ({ topic: topic('NDEATH'), payload: node.death(), qos: 1 }),
        greeting: () => [
          { topic: topic('NBIRTH'), payload: node.birth(nowMs()), qos: 0 },
          ...device.sensors.map(
            ({ name }) =>
              ({
                topic: topic('DBIRTH', name),
                payload: node.deviceBirth(nowMs(), last),
                qos: 0,
              }) as const,
          ),
        ],
      },
    );
  }

  #notePortalReads({ device, reads }: TagEmission): void {
    const reader = this.#options.layout.readers.find(({ id }) => id === device);
    if (reader?.family !== 'zebra') return;
    for (const { antenna, epc, seen } of reads) {
      const at = reader.antennas.find((one) => one.antenna === antenna);
      if (at === undefined || !('portal' in at)) continue;
      const key = effectKey(this.#options.layout.gateway, at.portal, epc);
      this.#portalReads.set(key, (this.#portalReads.get(key) ?? 0) + seen);
    }
  }
}
