import type { Floor } from '../floor/floor.ts';
import type { LiveSettings } from '../live/live-settings.ts';
import type { GatewayApi, GatewayApiOptions } from './gateway-api.ts';

const answerWithinMs = 10_000;

export interface ApiHostOptions {
  /** All that the interface serves, whatever its address and token. */
  readonly served: Omit<GatewayApiOptions, 'host' | 'port' | 'trustedProxies' | 'token' | 'floor'>;
  /** Opens the floor page; undefined where the config has none. */
  readonly openFloor: () => Promise<Floor | undefined>;
}

/** The gateway's own HTTP interface, which moves when its address or token does. */
export class ApiHost {
  readonly #options: ApiHostOptions;
  #api: GatewayApi | undefined;
  #floor: Floor | undefined;

  constructor(options: ApiHostOptions) {
    this.#options = options;
  }

  /** @returns the port. @throws what the socket reports. */
  async start({ config, httpToken }: LiveSettings): Promise<number> {
    const { openFloor, served } = this.#options;
    const { host, port, trustedProxies } = config.http;
    // It loads heavy modules: devices are taken before.
    const { createGatewayApi } = await import('./gateway-api.ts');
    // Once: when the interface moves, who is signed in stays so.
    this.#floor ??= await openFloor();
    const reached = { host, port, trustedProxies, token: httpToken };
    this.#api = createGatewayApi({ ...served, ...reached, floor: this.#floor });
    return await this.#api.start();
  }

  /** Who asked for it by the former interface is still answered there. */
  async move(from: LiveSettings, to: LiveSettings): Promise<void> {
    const former = this.#api;
    former?.release();
    try {
      await this.start(to);
    } catch (error) {
      await this.start(from);
      throw error;
    } finally {
      setTimeout(() => void former?.stop(), answerWithinMs).unref();
    }
  }

  async stop(): Promise<void> {
    this.#floor?.stop();
    await this.#api?.stop();
  }
}
