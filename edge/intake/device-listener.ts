import type { AddressInfo, Server } from 'node:net';
import type { Logger } from 'pino';

export interface DeviceListenerOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly maxConnections: number;
  /** A server that is not listening yet, for each address anew. */
  readonly createServer: () => Server;
  /** One connection too many was refused. */
  readonly dropped: () => void;
  readonly log: Logger;
}

/** One address at which the broker listens; that may change while devices are connected. */
export class DeviceListener {
  readonly #options: DeviceListenerOptions;
  #server: Server | undefined;
  #maxConnections: number;

  constructor(options: DeviceListenerOptions) {
    this.#options = options;
    this.#maxConnections = options.maxConnections;
  }

  /** @throws what `listen` reports. */
  async start({ host, port }: { host: string; port: number } = this.#options): Promise<void> {
    this.#server = await this.#open(host, port);
  }

  /** Undefined while it does not listen. */
  get port(): number | undefined {
    return this.#server?.listening === true ? addressOf(this.#server).port : undefined;
  }

  limit(maxConnections: number): void {
    this.#maxConnections = maxConnections;
    if (this.#server !== undefined) this.#server.maxConnections = maxConnections;
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

  /** Resolves when the last connection of this address is closed, which is for others to do. */
  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      if (this.#server === undefined) resolve();
      else this.#server.close(() => resolve());
    });
  }

  async #open(host: string, port: number): Promise<Server> {
    const { createServer, dropped, log } = this.#options;
    const server = createServer();
    server.maxConnections = this.#maxConnections;
    server.on('drop', dropped);
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
