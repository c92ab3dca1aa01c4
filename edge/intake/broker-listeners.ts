import { createServer, type Socket } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { Clock } from '#contracts/time.ts';
import type { MqttTlsConfig } from '../config/mqtt-config.ts';
import type { ClientCertificate } from './client-certificate.ts';
import { DeviceListener } from './device-listener.ts';
import { TlsListener, type StandingTlsFault, type TlsListenerOptions } from './tls-listener.ts';

/** Where devices come in: plainly, over TLS, or both. */
export interface ListenerSettings {
  readonly host: string;
  /** Of plain MQTT; 0 for any free port. Without it there is none. */
  readonly port?: number;
  readonly tls?: MqttTlsConfig;
  readonly maxConnections: number;
}

export interface BrokerListenersOptions extends Pick<
  TlsListenerOptions,
  'accept' | 'dropped' | 'isPinned' | 'refuse'
> {
  readonly settings: ListenerSettings;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The addresses at which the broker listens; they may change while devices are connected. */
export class BrokerListeners {
  readonly #options: BrokerListenersOptions;
  #settings: ListenerSettings;
  #plain: DeviceListener | undefined;
  #tls: TlsListener | undefined;

  constructor(options: BrokerListenersOptions) {
    this.#options = options;
    this.#settings = options.settings;
  }

  /** Undefined for what does not listen. */
  get ports(): { readonly plain: number | undefined; readonly tls: number | undefined } {
    return { plain: this.#plain?.port, tls: this.#tls?.port };
  }

  get maxConnections(): number {
    return this.#settings.maxConnections;
  }

  /** What is wrong with the files of TLS. */
  get faults(): readonly StandingTlsFault[] {
    return this.#tls?.faults ?? [];
  }

  /** @throws what `listen` reports. */
  async start(): Promise<void> {
    await this.#changePlain(undefined, this.#settings);
    await this.#changeTls(undefined, this.#settings);
  }

  limit(maxConnections: number): void {
    this.#settings = { ...this.#settings, maxConnections };
    this.#plain?.limit(maxConnections);
    this.#tls?.limit(maxConnections);
  }

  /**
   * Listens elsewhere, or by other files; who is connected stays.
   *
   * @throws what `listen` reports, still listening where it did before
   */
  async change(to: ListenerSettings): Promise<void> {
    const from = this.#settings;
    await this.#changePlain(from, to);
    try {
      await this.#changeTls(from, to);
    } catch (error) {
      await this.#changePlain(to, from);
      throw error;
    }
    this.#settings = to;
    this.limit(to.maxConnections);
  }

  /** Reads the files of TLS anew. @throws what `listen` reports, where they could not be used before. */
  async renew(): Promise<void> {
    await this.#tls?.renew();
  }

  /** Whether one who came in by a certificate would come in again by the CAs of now. */
  believes(certificate: ClientCertificate): boolean {
    return this.#tls?.believes(certificate) ?? false;
  }

  /** Resolves when the last connection is closed, which is for others to do. */
  async stop(): Promise<void> {
    await Promise.all([this.#plain?.stop(), this.#tls?.stop()]);
  }

  async #changePlain(from: ListenerSettings | undefined, to: ListenerSettings): Promise<void> {
    const { host, maxConnections, port } = to;
    const former = this.#plain;
    if (port === undefined) {
      this.#plain = undefined;
      void former?.stop();
    } else if (former === undefined) {
      const { accept, dropped, log } = this.#options;
      const plain = new DeviceListener({
        host,
        port,
        maxConnections,
        createServer: () => createServer((socket: Socket) => accept(socket, undefined)),
        dropped,
        log,
      });
      await plain.start();
      this.#plain = plain;
    } else if (from?.host !== host || from.port !== port) await former.moveTo(host, port);
  }

  async #changeTls(from: ListenerSettings | undefined, to: ListenerSettings): Promise<void> {
    const settings = to.tls && { host: to.host, ...to.tls };
    const former = this.#tls;
    if (settings === undefined) {
      this.#tls = undefined;
      void former?.stop();
    } else if (former === undefined) {
      const { maxConnections } = to;
      const tls = new TlsListener({ ...this.#options, maxConnections, settings });
      await tls.start();
      this.#tls = tls;
    } else if (isDeepStrictEqual(from?.tls && { host: from.host, ...from.tls }, settings)) {
      await former.renew();
    } else await former.change(settings);
  }
}
