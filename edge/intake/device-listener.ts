import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Logger } from 'pino';

export interface DeviceListenerOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly maxConnections: number;
  /** How many are connected. */
  readonly connections: () => number;
  readonly accept: (socket: Socket) => void;
  /** One connection too many was refused. */
  readonly dropped: () => void;
  readonly log: Logger;
}

/** Where the broker listens; that may change while devices are connected. */
export class DeviceListener {
  readonly #options: DeviceListenerOptions;
  #server: Server | undefined;
  #maxConnections: number;

  constructor(options: DeviceListenerOptions) {
    this.#options = options;
    this.#maxConnections = options.maxConnections;
  }

  /** @returns the port. @throws what `listen` reports. */
  async start(): Promise<number> {
    const { host, port } = this.#options;
    this.#server = await this.#open(host, port);
    return addressOf(this.#server).port;
  }

  limit(maxConnections: number): void {
    this.#maxConnections = maxConnections;
  }

  /**
   * Listens elsewhere; who is connected stays. @throws what `listen` reports, still listening where
   * it did before.
   */
  async moveTo(host: string, port: number): Promise<void> {
    const former = this.#server;
    if (former === undefined) return;
    const at = addressOf(former);
    // One port at two addresses: the system gives it only once it is free.
    const mustFree = port === at.port;
    if (mustFree) former.close();
    try {
      this.#server = await this.#open(host, port);
    } catch (error) {
      if (mustFree) this.#server = await this.#open(at.address, at.port);
      throw error;
    }
    if (!mustFree) former.close();
  }

  /** Accepts nobody any more. Who is connected stays. */
  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      if (this.#server === undefined) resolve();
      else this.#server.close(() => resolve());
    });
  }

  #take(socket: Socket): void {
    const { accept, connections, dropped } = this.#options;
    if (connections() < this.#maxConnections) {
      accept(socket);
      return;
    }
    socket.destroy();
    dropped();
  }

  async #open(host: string, port: number): Promise<Server> {
    const { log } = this.#options;
    const server = createServer((socket) => this.#take(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        server.on('error', (err) => log.error({ err }, 'broker.server-failed'));
        resolve();
      });
    });
    return server;
  }
}

function addressOf(server: Server): AddressInfo {
  return server.address() as AddressInfo;
}
