import { createHash } from 'node:crypto';
import { effectKey } from './check/effects-fold.ts';
import type { SentRecord } from './check/evidence.ts';
import { FleetTruth } from './fleet-truth.ts';
import { HttpDevice, type HttpAccess } from './http-device.ts';
import { MqttDevice, type MqttAccess, type OutgoingMessage } from './mqtt-device.ts';
import type { PolledDevices } from './opcua/opcua-server.ts';
import type { Random } from './prng.ts';
import { climateSpeech, readerSpeech, scannerSpeech, type Speech } from './payloads/speech.ts';
import type { Emission } from './world/emission.ts';
import { isCovered, type Delivery, type SiteLayout } from './world/site-layout.ts';

/** How each device of a gateway signs in, by its id. */
export interface FleetAccess {
  readonly mqtt: ReadonlyMap<string, MqttAccess>;
  readonly http: ReadonlyMap<string, HttpAccess>;
}

export interface FleetOptions {
  readonly layout: SiteLayout;
  readonly access: FleetAccess;
  /** Servers that the gateway comes to. */
  readonly polled: readonly PolledDevices[];
  /** Wall time at which the world's time was zero. */
  readonly baseMs: number;
  /** Whether the gateway is down just now, so that what is outside the guarantee may be lost. */
  readonly faulty: () => boolean;
  /** Decides which answers a device on radio never hears. */
  readonly random: Random;
  readonly retryMs?: number;
}

/** What devices did. */
export interface FleetTally {
  /** Messages and samples that devices had to give. */
  made: number;
  /** Of those, messages of devices inside the guarantee. */
  covered: number;
  /** Messages and samples of devices outside it, given during a fault. */
  uncovered: number;
  acknowledged: number;
}

export interface DeviceTally extends Readonly<FleetTally> {
  readonly device: string;
  readonly profile: string;
  /** The gateway comes to it. */
  readonly polled: boolean;
}

interface FleetMessage extends OutgoingMessage {
  readonly record: SentRecord;
  readonly covered: boolean;
  /** Keys of the scans in it. */
  readonly scans: readonly string[];
  /** Already counted as outside the guarantee. */
  exposed: boolean;
}

/** A device that calls the gateway. */
interface Caller {
  readonly delivery: Delivery;
  readonly speech: Speech;
  readonly line: Pick<
    MqttDevice<FleetMessage>,
    'connected' | 'send' | 'start' | 'stop' | 'waiting'
  >;
}

const window = 8;
const lostAnswerChance = 0.05;

/** The devices of one site: gives what the world emits to real clients, in vendor bytes. */
export class Fleet {
  readonly truth: FleetTruth;
  readonly #options: FleetOptions;
  readonly #callers = new Map<string, Caller>();
  readonly #tallies = new Map<string, FleetTally & { readonly profile: string }>();
  #acknowledged: SentRecord[] = [];
  #forgotten = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
    const { baseMs, layout } = options;
    this.truth = new FleetTruth(layout);
    const polled = new Set(options.polled.flatMap(({ devices }) => devices));
    for (const { id, profile } of [...layout.readers, ...layout.conveyors]) {
      if (polled.has(id)) this.#begin(id, profile);
    }
    for (const reader of layout.readers) {
      if (!polled.has(reader.id)) this.#add(reader, readerSpeech(reader, baseMs));
    }
    for (const device of layout.climate) this.#add(device, climateSpeech(device, baseMs));
    for (const scanner of layout.scanners) this.#add(scanner, scannerSpeech(scanner, baseMs));
  }

  start(): void {
    for (const { line } of this.#callers.values()) line.start();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#callers.values()].map(({ line }) => line.stop()));
  }

  /** All devices together. */
  tally(): Readonly<FleetTally> {
    const sum: FleetTally = { made: 0, covered: 0, uncovered: 0, acknowledged: 0 };
    for (const { made, covered, uncovered, acknowledged } of this.#tallies.values()) {
      sum.made += made;
      sum.covered += covered;
      sum.uncovered += uncovered;
      sum.acknowledged += acknowledged;
    }
    return sum;
  }

  tallies(): readonly DeviceTally[] {
    return [...this.#tallies].map(([device, tally]) => {
      return { device, polled: !this.#callers.has(device), ...tally };
    });
  }

  /** Messages that devices still keep because nobody acknowledged them. */
  get waiting(): number {
    let waiting = 0;
    for (const { line } of this.#callers.values()) waiting += line.waiting;
    return waiting;
  }

  /** How many messages were acknowledged so far, in the order of `acknowledgedFrom`. */
  get acknowledged(): number {
    return this.#forgotten + this.#acknowledged.length;
  }

  /** The acknowledged messages from the `index`th on that were not forgotten. */
  acknowledgedFrom(index: number): readonly SentRecord[] {
    return this.#acknowledged.slice(Math.max(0, index - this.#forgotten));
  }

  /** Forgets the acknowledged messages up to the `index`th, which a check has proved to be kept. */
  forgetBefore(index: number): void {
    this.#acknowledged = this.#acknowledged.slice(Math.max(0, index - this.#forgotten));
    this.#forgotten = Math.max(index, this.#forgotten);
  }

  deliver(emission: Emission): void {
    const { polled } = this.#options;
    const server = polled.find(({ devices }) => devices.includes(emission.device));
    if (server !== undefined) this.#show(server, emission);
    else this.#call(emission);
  }

  /** Samples are polled: what nobody sees during a fault is outside the guarantee. */
  #show(polled: PolledDevices, emission: Emission): void {
    const tally = this.#tallies.get(emission.device);
    if (tally === undefined) return;
    tally.made += 1;
    if (this.#options.faulty() || !polled.server.running) tally.uncovered += 1;
    polled.show(emission);
  }

  #call(emission: Emission): void {
    const { device } = emission;
    const caller = this.#callers.get(device);
    const tally = this.#tallies.get(device);
    if (caller === undefined || tally === undefined) return;
    this.truth.note(emission);
    const { delivery, line, speech } = caller;
    const { gateway } = this.#options.layout;
    const covered = isCovered(delivery);
    for (const { topic, payload, codes = [] } of speech.say(emission)) {
      tally.made += 1;
      if (covered) tally.covered += 1;
      const exposed = !covered && (this.#options.faulty() || !line.connected);
      if (exposed) tally.uncovered += 1;
      const scans = codes.map((text) => effectKey(gateway, device, text));
      this.truth.scanned(scans);
      const sha256 = createHash('sha256').update(payload).digest('hex');
      const record = { gateway, device, sha256 };
      line.send({ topic, payload, qos: delivery.qos, record, covered, scans, exposed });
    }
  }

  #begin(device: string, profile: string): FleetTally {
    const tally = { profile, made: 0, covered: 0, uncovered: 0, acknowledged: 0 };
    this.#tallies.set(device, tally);
    return tally;
  }

  #add(delivery: Delivery & { readonly profile: string }, speech: Speech): void {
    const { access, random, retryMs = 300 } = this.#options;
    const { id, buffers, profile } = delivery;
    const tally = this.#begin(id, profile);
    const common = {
      buffers,
      retryMs,
      onAcknowledged: ({ record, scans }: FleetMessage) => {
        tally.acknowledged += 1;
        this.#acknowledged.push(record);
        this.truth.scansAcknowledged(scans);
      },
      onDropped: (message: FleetMessage) => {
        if (message.covered || message.exposed) return;
        message.exposed = true;
        tally.uncovered += 1;
      },
    };
    const [mqtt, http] = [access.mqtt.get(id), access.http.get(id)];
    if (http !== undefined) {
      const losesAnswer = () => random.chance(lostAnswerChance);
      const line = new HttpDevice<FleetMessage>({ ...common, access: http, losesAnswer });
      this.#callers.set(id, { delivery, speech, line });
      return;
    }
    if (mqtt === undefined) throw new Error(`nobody said how ${id} signs in`);
    const { will, greeting } = speech;
    const line = new MqttDevice<FleetMessage>({
      ...common,
      id,
      access: mqtt,
      window,
      ...(will && { will }),
      ...(greeting && { greeting }),
      onSent: () => undefined,
    });
    this.#callers.set(id, { delivery, speech, line });
  }
}
