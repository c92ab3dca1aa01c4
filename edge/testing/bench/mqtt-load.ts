/**
 * Load for a bench, as a process of its own: pre-encoded PUBLISH packets on plain sockets,
 * so that the generator costs as little as it can. Takes its plan as JSON in the first argument and
 * prints its result as JSON. The tag of each message is the only thing patched in.
 */
import { connect, type Socket } from 'node:net';
import process from 'node:process';
import { generate } from 'mqtt-packet';
import type { LoadPlan, LoadResult } from './load-plan.ts';
import { quantile } from './quantile.ts';

const packetIds = 4096;
const tagDigits = 8;
const tagMark = '#'.repeat(tagDigits);
const timeMark = '@'.repeat('2026-11-22T12:00:00.123'.length);

/** A 300-byte R700 report of one asset tag (GIAI-96: presence, no stock); its time and the tag's last digits are filled in later. */
function payload(): Buffer {
  const shape = (filler: string) =>
    `{"timestamp":"${timeMark}456789Z","hostname":"impinj-14-46-36","eventType":"tagInventory",` +
    `"tagInventoryEvent":{"epcHex":"3474257BF4000000${tagMark}",` +
    `"tidHex":"E2801160${filler}","antennaPort":1,"antennaName":"Antenna 1","frequency":926750,` +
    `"transmitPowerCdbm":3000}}`;
  return Buffer.from(shape('0'.repeat(300 - shape('').length)));
}

interface Lane {
  readonly socket: Socket;
  readonly packet: Buffer;
  readonly idAt: number;
  readonly tagAt: number;
  readonly timeAt: number;
  readonly connection: number;
  readonly sentAtMs: Float64Array;
  messages: number;
  nextId: number;
  inFlight: number;
  rest: number;
}

const plan = JSON.parse(process.argv[2] ?? '{}') as LoadPlan;
const latenciesMs: number[] = [];
let acked = 0;
let sent = 0;
let running = false;

function encodeTemplate(connection: number): Pick<Lane, 'packet' | 'idAt' | 'tagAt' | 'timeAt'> {
  const user = plan.users[connection];
  if (user === undefined) throw new Error(`no user for connection ${connection}`);
  const packet = generate({
    cmd: 'publish',
    topic: user.topic,
    payload: payload(),
    qos: 1,
    messageId: 0xabcd,
    dup: false,
    retain: false,
  });
  return {
    packet,
    idAt: packet.indexOf('abcd', 0, 'hex'),
    tagAt: packet.indexOf(tagMark),
    timeAt: packet.indexOf(timeMark),
  };
}

/**
 * The tag of a lane's next message. Each pass over the tags, every tag moves on to the next
 * connection, so that every message finds its tag in another zone than before: one event each.
 */
function tagOf(lane: Lane): number {
  const lanes = plan.users.length;
  const perPass = Math.ceil(plan.tags / lanes);
  const message = plan.firstMessage + lane.messages;
  const pass = Math.floor(message / perPass);
  return (message % perPass) * lanes + ((lane.connection + pass) % lanes);
}

let timeMs = 0;
let timeText = Buffer.alloc(0);

/** The present, as text that is made once a millisecond. */
function time(): Buffer {
  const nowMs = Date.now();
  if (nowMs !== timeMs) {
    timeMs = nowMs;
    timeText = Buffer.from(new Date(nowMs).toISOString().slice(0, -1), 'latin1');
  }
  return timeText;
}

function publish(lane: Lane): void {
  const { packet, idAt, tagAt, timeAt } = lane;
  const id = lane.nextId;
  lane.nextId = id === packetIds ? 1 : id + 1;
  const copy = Buffer.from(packet);
  copy.writeUInt16BE(id, idAt);
  copy.write(tagOf(lane).toString(16).toUpperCase().padStart(tagDigits, '0'), tagAt, 'latin1');
  copy.set(time(), timeAt);
  lane.messages += 1;
  lane.sentAtMs[id - 1] = performance.now();
  lane.inFlight += 1;
  sent += 1;
  lane.socket.write(copy);
}

/** PUBACK is four bytes; a chunk may hold many of them, or end within one. */
function onData(lane: Lane, chunk: Buffer): void {
  const nowMs = performance.now();
  const bytes = lane.rest + chunk.length;
  const acks = bytes >> 2;
  lane.rest = bytes & 3;
  acked += acks;
  lane.inFlight -= acks;
  for (let index = 0; index < acks && plan.ratePerSecond !== undefined; index += 1) {
    const at = index * 4 + 2 - (bytes - chunk.length);
    if (at < 0 || at + 1 >= chunk.length) continue; // an id split over chunks: one sample less
    const id = chunk.readUInt16BE(at);
    latenciesMs.push(nowMs - (lane.sentAtMs[id - 1] ?? nowMs));
  }
  if (plan.ratePerSecond !== undefined || !running) return;
  lane.socket.cork();
  while (lane.inFlight < plan.window) publish(lane);
  lane.socket.uncork();
}

function open(connection: number): Promise<Lane> {
  const user = plan.users[connection];
  if (user === undefined) throw new Error(`no user for connection ${connection}`);
  return new Promise((resolve, reject) => {
    const socket = connect({ port: plan.port, host: '127.0.0.1', noDelay: true });
    const lane: Lane = {
      socket,
      ...encodeTemplate(connection),
      connection,
      messages: 0,
      sentAtMs: new Float64Array(packetIds),
      nextId: 1,
      inFlight: 0,
      rest: 0,
    };
    const { username, password } = user;
    socket.on('error', reject);
    socket.on('close', () => {
      if (running) reject(new Error('the server closed a connection'));
    });
    socket.once('data', (connack: Buffer) => {
      if (connack[3] !== 0) reject(new Error(`CONNECT refused with code ${connack[3]}`));
      socket.on('data', (chunk: Buffer) => onData(lane, chunk));
      resolve(lane);
    });
    socket.write(
      generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        clientId: `load-${connection}`,
        keepalive: 0,
        username,
        password: Buffer.from(password),
      }),
    );
  });
}

/** Open loop: what is due goes out whether or not earlier messages are answered. */
async function runOpenLoop(lanes: readonly Lane[], ratePerSecond: number): Promise<void> {
  const startedAt = performance.now();
  let dueSent = 0;
  while (performance.now() - startedAt < plan.seconds * 1000) {
    const due = Math.floor(((performance.now() - startedAt) / 1000) * ratePerSecond);
    for (; dueSent < due; dueSent += 1) {
      const lane = lanes[dueSent % lanes.length];
      if (lane !== undefined) publish(lane);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function runClosedLoop(lanes: readonly Lane[]): Promise<void> {
  for (const lane of lanes) while (lane.inFlight < plan.window) publish(lane);
  await new Promise((resolve) => setTimeout(resolve, plan.seconds * 1000));
}

async function drain(lanes: readonly Lane[]): Promise<void> {
  const until = performance.now() + 30_000;
  while (lanes.some((lane) => lane.inFlight > 0) && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

async function main(): Promise<void> {
  const lanes = await Promise.all(plan.users.map((_, connection) => open(connection)));
  process.stdout.write('ready\n');
  await new Promise((resolve) => process.stdin.once('data', resolve));
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  running = true;
  if (plan.ratePerSecond === undefined) await runClosedLoop(lanes);
  else await runOpenLoop(lanes, plan.ratePerSecond);
  running = false;
  await drain(lanes);
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  const result: LoadResult = {
    sent,
    acked,
    seconds,
    cpuShare: (cpu.user + cpu.system) / 1e6 / seconds,
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
    messagesPerLane: Math.max(...lanes.map((lane) => lane.messages)),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  for (const lane of lanes) lane.socket.destroy();
  process.exit(0);
}

await main();
