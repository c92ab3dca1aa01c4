import { createServer, type AddressInfo, type Socket } from 'node:net';
import { generate, parser, type IPublishPacket, type Packet } from 'mqtt-packet';

/** An MQTT 3.1.1 server that a test steers packet by packet: the transport seam of the devices. */
export class SmallBroker {
  /** Payloads as they came, also those that come again. */
  readonly heard: string[] = [];
  readonly connects: Packet[] = [];
  /** Whether a message is to be acknowledged. */
  answers: (message: string) => boolean = () => true;
  /** Whether connections are let in. */
  open = true;
  readonly #sockets = new Set<Socket>();
  readonly #waiters: (() => void)[] = [];
  readonly #server = createServer((socket) => this.#serve(socket));

  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends every connection without a word. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Waits for a condition that packets make true. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  async stop(): Promise<void> {
    this.drop();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    const incoming = parser({ protocolVersion: 4 });
    incoming.on('packet', (packet: Packet) => {
      this.#take(socket, packet);
      for (const wake of this.#waiters.splice(0)) wake();
    });
    socket.on('data', (chunk: Buffer) => incoming.parse(chunk));
  }

  #take(socket: Socket, packet: Packet): void {
    if (packet.cmd === 'connect') {
      this.connects.push(packet);
      const returnCode = this.open ? 0 : 3;
      socket.write(generate({ cmd: 'connack', returnCode, sessionPresent: false }));
      if (!this.open) socket.end();
    } else if (packet.cmd === 'publish') this.#publish(socket, packet);
    else if (packet.cmd === 'pingreq') socket.write(generate({ cmd: 'pingresp' }));
  }

  #publish(socket: Socket, { payload, qos, messageId }: IPublishPacket): void {
    const message = payload.toString();
    this.heard.push(message);
    if (qos === 0 || messageId === undefined || !this.answers(message)) return;
    socket.write(generate({ cmd: 'puback', messageId }));
  }
}
