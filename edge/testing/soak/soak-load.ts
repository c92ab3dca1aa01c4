/**
 * The MQTT devices of the soak: one connection for each reader and one for the climate bridge, QoS 1,
 * one message for each read of a tag, as an R700 does by default. The argument is a `SoakLoadPlan`.
 *
 * It keeps the site's time, and holds it while the gateway owes too many acknowledgements, and when it
 * is told to: a day is the same messages in the same order on any machine. Prints `SoakLoadState` lines.
 */
import { connect, type Socket } from 'node:net';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { generate } from 'mqtt-packet';
import { climateReport } from '../bench/bench-device.ts';
import type { SoakLoadPlan, SoakLoadState } from './soak-load-plan.ts';
import { paceAt, readsPerSecondAt, site } from './soak-site.ts';
import { epcOf, SoakWorld, type Read } from './soak-world.ts';

const epcMark = 'E'.repeat(24);
const timeMark = '2026-01-01T00:00:00.000';
const antennaMark = '98765';
const rssiMark = '-9999';
const packetIds = 0xffff;
/** So many messages may wait for their acknowledgement before the site's time stands. */
const mostInFlight = 4000;
const sayEveryMs = 250;

const plan = JSON.parse(process.argv[2] ?? '{}') as SoakLoadPlan;
/** Whoever runs the day says `go`, and `hold` while the gateway has too much to work off. */
const heard = createInterface({ input: process.stdin });
let isHeld = true;
heard.on('line', (line) => (isHeld = line === 'hold'));
heard.on('close', () => process.exit(1));
const state = { second: 0, sent: 0, acked: 0, heldMs: 0 };

class Lane {
  readonly #socket: Socket;
  #nextId = 1;
  #ackBytes = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      // A PUBACK is four bytes; a chunk may hold many of them, or end within one.
      const bytes = this.#ackBytes + chunk.length;
      state.acked += bytes >> 2;
      this.#ackBytes = bytes & 3;
    });
    socket.on('close', () => fail('the gateway closed a connection'));
  }

  static async open(user: SoakLoadPlan['users'][number]): Promise<Lane> {
    const socket = connect({ port: plan.port, host: '127.0.0.1', noDelay: true });
    socket.on('error', (error) => fail(error.message));
    socket.write(
      generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        clientId: user.username,
        keepalive: 0,
        username: user.username,
        password: Buffer.from(user.password),
      }),
    );
    const answer = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
    if (answer[3] !== 0) fail(`CONNECT was refused with ${answer[3]}`);
    return new Lane(socket);
  }

  nextId(): number {
    const id = this.#nextId;
    this.#nextId = id === packetIds ? 1 : id + 1;
    return id;
  }

  send(packet: Buffer): void {
    this.#socket.write(packet);
    state.sent += 1;
  }
}

/** The frame of a reader's message, with the places of what differs. */
class ReadFrame {
  readonly #packet: Buffer;
  readonly #idAt: number;
  readonly #at: Readonly<Record<'epc' | 'time' | 'antenna' | 'rssi', number>>;

  constructor(topic: string) {
    const payload =
      `{"timestamp":"${timeMark}456789Z","hostname":"impinj-14-46-36","eventType":"tagInventory",` +
      `"tagInventoryEvent":{"epcHex":"${epcMark}","antennaPort":${antennaMark},` +
      `"antennaName":"Antenna","peakRssiCdbm":${rssiMark},"frequency":926750,` +
      '"transmitPowerCdbm":3000}}';
    const messageId = 0xabcd;
    this.#packet = generate({
      cmd: 'publish',
      topic,
      payload,
      qos: 1,
      messageId,
      dup: false,
      retain: false,
    });
    const of = (mark: string) => this.#packet.indexOf(mark);
    this.#at = {
      epc: of(epcMark),
      time: of(timeMark),
      antenna: of(antennaMark),
      rssi: of(rssiMark),
    };
    this.#idAt = this.#packet.indexOf('abcd', 0, 'hex');
  }

  write(id: number, { antenna, rssiCdbm, tag }: Read, time: Buffer): Buffer {
    const packet = Buffer.from(this.#packet);
    packet.writeUInt16BE(id, this.#idAt);
    packet.write(epcOf(tag), this.#at.epc, 'latin1');
    packet.write(String(antenna).padStart(antennaMark.length), this.#at.antenna, 'latin1');
    packet.write(String(rssiCdbm), this.#at.rssi, 'latin1');
    packet.set(time, this.#at.time);
    return packet;
  }
}

function fail(why: string): never {
  process.stderr.write(`soak devices: ${why}\n`);
  process.exit(1);
}

function say(phase: SoakLoadState['phase']): void {
  process.stdout.write(`${JSON.stringify({ phase, ...state } satisfies SoakLoadState)}\n`);
}

const lanes = await Promise.all(plan.users.map((user) => Lane.open(user)));
const frames = plan.users.map(({ topic }) => new ReadFrame(topic));
const world = new SoakWorld();
let timeMs = 0;
let time = Buffer.alloc(0);

function publish(read: Read): void {
  const lane = lanes[read.reader];
  const frame = frames[read.reader];
  if (lane === undefined || frame === undefined) return;
  const nowMs = Date.now();
  if (nowMs !== timeMs) {
    timeMs = nowMs;
    time = Buffer.from(new Date(nowMs).toISOString().slice(0, -1), 'latin1');
  }
  lane.send(frame.write(lane.nextId(), read, time));
}

const bridge = await Lane.open(plan.bridge);
let climateReports = 0;

/** Each sensor in its turn; now and then the zone of one is too warm for some minutes. */
function reportClimate(second: number): void {
  const due = Math.floor((second * site.climateSensors) / site.climateEverySeconds);
  for (; climateReports < due; climateReports += 1) {
    const sensor = climateReports % site.climateSensors;
    const zone = Math.floor(sensor / site.sensorsPerZone);
    const isWarm = (Math.floor(second / 600) + zone) % 24 === 0;
    const celsius = (isWarm ? 10 : 4) + Math.round(Math.sin(second / 900 + sensor) * 10) / 10;
    const packet = generate({
      cmd: 'publish',
      topic: `${plan.bridge.topic}/sensor-${sensor}`,
      payload: climateReport(celsius, Date.now()),
      qos: 1,
      messageId: bridge.nextId(),
      dup: false,
      retain: false,
    });
    bridge.send(packet);
  }
}

/** Every resident is read twice, so that the day begins with all of them known. */
async function fill(): Promise<void> {
  for (let sent = 0; sent < 2 * site.tags; sent += 1) {
    publish(world.next(0));
    if (sent % 100 === 0) await sleep(0);
    while (state.sent - state.acked > mostInFlight) await sleep(2);
  }
}

async function day(): Promise<void> {
  let before = performance.now();
  let saidAt = before;
  let owed = 0;
  while (state.second < plan.daySeconds) {
    await sleep(2);
    const now = performance.now();
    const passedMs = Math.min(now - before, 50);
    before = now;
    if (isHeld || state.sent - state.acked > mostInFlight) {
      state.heldMs += passedMs;
    } else {
      const seconds = (passedMs / 1000) * paceAt(state.second, plan.daySeconds);
      owed += seconds * readsPerSecondAt(state.second, plan.daySeconds);
      state.second += seconds;
      world.advance(state.second);
      for (; owed >= 1; owed -= 1) publish(world.next(state.second));
      reportClimate(state.second);
    }
    if (now - saidAt >= sayEveryMs) {
      saidAt = now;
      say('day');
    }
  }
}

await fill();
while (state.acked < state.sent) await sleep(5);
say('filled');
await new Promise((resolve) => heard.once('line', resolve));
await day();
while (state.acked < state.sent) await sleep(5);
say('over');
process.exit(0);
