import { constants } from 'node:crypto';
import type { Server, Socket } from 'node:net';
import { createServer, type TlsOptions, type TLSSocket, type Server as TlsServer } from 'node:tls';
import type { Logger } from 'pino';
import type { Clock } from '#contracts/time.ts';
import type { MqttTlsConfig } from '../config/mqtt-config.ts';
import { readTlsFiles, type TlsFileFault, type TlsMaterial } from '../identity/tls-files.ts';
import { certificateOf, isStillBelieved, type ClientCertificate } from './client-certificate.ts';
import { whyNot, type Caller } from './device-door.ts';
import { DeviceListener } from './device-listener.ts';
import type { RefusalReason } from './refusal-log.ts';

export interface TlsListenerOptions {
  readonly settings: MqttTlsConfig & { readonly host: string };
  readonly maxConnections: number;
  readonly accept: (socket: Socket, certificate: ClientCertificate | undefined) => void;
  /** Whether some device is known by this very certificate. */
  readonly isPinned: (certificate: ClientCertificate) => boolean;
  readonly refuse: (reason: RefusalReason, caller: Partial<Caller>) => void;
  readonly dropped: () => void;
  /** Trusted time, which the gateway's own certificate is judged by. */
  readonly clock: Clock;
  readonly log: Logger;
}

/** What is wrong with key and certificates, and since when. */
export type StandingTlsFault = TlsFileFault & { readonly sinceMs: number };

const handshakeMs = 10_000;
/**
 * Each connection is judged anew: no tickets, and nobody changes its certificate on the way (OpenSSL
 * would take the answer of the former handshake for the resumed one).
 */
const secureOptions = constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION;

/**
 * MQTT over TLS. The certificate may be renewed while devices are connected; while key and
 * certificate cannot be used, the former ones stay, and without former ones nothing listens.
 * Certificates of clients are asked for and judged here, because OpenSSL judges dates by the clock of
 * the system.
 */
export class TlsListener {
  readonly #options: TlsListenerOptions;
  readonly #listener: DeviceListener;
  #settings: TlsListenerOptions['settings'];
  #material: TlsMaterial | undefined;
  #server: TlsServer | undefined;
  #faults: readonly StandingTlsFault[] = [];
  #isStarted = false;

  constructor(options: TlsListenerOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.#listener = new DeviceListener({
      ...options,
      ...options.settings,
      createServer: () => this.#createServer(),
    });
  }

  /** Of the files, the last time that they were read. */
  get faults(): readonly StandingTlsFault[] {
    return this.#faults;
  }

  get port(): number | undefined {
    return this.#listener.port;
  }

  /** @throws what `listen` reports; faults of the files are said and kept, never thrown. */
  async start(): Promise<void> {
    this.#read();
    this.#isStarted = true;
    if (this.#material !== undefined) await this.#listener.start(this.#settings);
  }

  limit(maxConnections: number): void {
    this.#listener.limit(maxConnections);
  }

  /** By other settings; who is connected stays. @throws as `DeviceListener.moveTo`. */
  async change(settings: TlsListenerOptions['settings']): Promise<void> {
    const { host, port } = this.#settings;
    if (host !== settings.host || port !== settings.port) {
      await this.#listener.moveTo(settings.host, settings.port);
    }
    this.#settings = settings;
    await this.renew();
  }

  /** Reads the files anew and uses them from now on, if they can be used. */
  async renew(): Promise<void> {
    const former = this.#material;
    this.#read();
    const now = this.#material;
    if (now === undefined || !this.#isStarted) return;
    if (former === undefined) await this.#listener.start(this.#settings);
    else if (this.#server !== undefined && !isSameMaterial(former, now)) {
      this.#server.setSecureContext(contextOf(now));
      const validTo = now.own.validToDate.toISOString();
      this.#options.log.info({ validTo }, 'broker.certificate-renewed');
    }
  }

  /** Whether one who came in by a certificate would come in again by the CAs of now. */
  believes(certificate: ClientCertificate): boolean {
    return isStillBelieved(certificate, this.#material?.clientCas ?? []);
  }

  async stop(): Promise<void> {
    this.#isStarted = false;
    await this.#listener.stop();
  }

  #read(): void {
    const { clock, log } = this.#options;
    const nowMs = clock.nowMs();
    const { faults, material } = readTlsFiles(this.#settings, nowMs);
    if (material !== undefined) this.#material = material;
    const before = this.#faults;
    this.#faults = faults.map((fault) => {
      const known = before.find((one) => one.code === fault.code && one.key === fault.key);
      if (known === undefined) log.warn({ ...fault }, 'broker.certificate-fault');
      return { ...fault, sinceMs: known?.sinceMs ?? nowMs };
    });
  }

  #createServer(): Server {
    const server = createServer({
      ...(this.#material && contextOf(this.#material)),
      handshakeTimeout: handshakeMs,
      rejectUnauthorized: false,
      requestCert: true,
    });
    server.on('secureConnection', (socket) => this.#arrived(socket));
    server.on('tlsClientError', (error: NodeJS.ErrnoException, { remoteAddress: address }) => {
      // Whoever only looks whether the port is open has not been refused.
      if (error.code !== 'ECONNRESET') this.#options.refuse(reasonOf(error.code), { address });
    });
    this.#server = server;
    return server;
  }

  #arrived(socket: TLSSocket): void {
    const { accept, isPinned, refuse } = this.#options;
    const { requireClientCertificate = false } = this.#settings;
    const certificate = certificateOf(socket, this.#material?.clientCas ?? []);
    const isBelieved =
      certificate !== undefined && (certificate.refusal === undefined || isPinned(certificate));
    if (!requireClientCertificate || isBelieved) {
      accept(socket, certificate);
      return;
    }
    const { remoteAddress: address } = socket;
    const reason = certificate === undefined ? 'no-certificate' : whyNot(certificate);
    socket.on('error', () => {});
    socket.destroy();
    refuse(reason, { address, certificate });
  }
}

function contextOf({ cert, clientCas, key }: TlsMaterial): TlsOptions {
  return {
    allowPartialTrustChain: true,
    // Even an empty list: without one, every public CA of the world would sign for devices.
    ca: clientCas.map((ca) => ca.toString()),
    cert,
    key,
    minVersion: 'TLSv1.2',
    secureOptions,
  };
}

function isSameMaterial(a: TlsMaterial, b: TlsMaterial): boolean {
  return JSON.stringify(contextOf(a)) === JSON.stringify(contextOf(b));
}

/** By OpenSSL's codes: alerts that a client sends end in what it did not like. */
function reasonOf(code = ''): RefusalReason {
  switch (code) {
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_HTTP_REQUEST':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return 'tls-not-spoken';
    case 'ERR_SSL_UNSUPPORTED_PROTOCOL':
    case 'ERR_SSL_NO_SHARED_CIPHER':
    case 'ERR_SSL_VERSION_TOO_LOW':
      return 'tls-too-old';
    case 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA':
    case 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE':
    case 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED':
    case 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN':
    case 'ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE':
      return 'tls-not-trusted';
    default:
      return 'tls-failed';
  }
}
