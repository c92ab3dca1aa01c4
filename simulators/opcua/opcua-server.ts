import { mkdirSync } from 'node:fs';
import * as opcua from 'node-opcua';
import type { AddressSpace } from 'node-opcua';
import type { Emission } from '../world/emission.ts';

/** Sends what the OPC UA library would print on stdout elsewhere: stdout is for results. */
export function redirectOpcUaLog(say: (line: string) => void): void {
  const line = (_context: unknown, ...words: unknown[]) => say(words.map(String).join(' '));
  opcua.setWarningLogger(line);
  opcua.setErrorLogger(line);
}

/** A simulated device that gateways come to, instead of the other way round. */
export interface PolledDevices {
  /** What the gateway's config calls the devices behind this server. */
  readonly devices: readonly string[];
  readonly server: OpcUaServer;
  /** Shows what the world emits; what nobody sees is outside the guarantee. */
  show(emission: Emission): void;
}

export interface OpcUaServerPlan {
  readonly applicationUri: string;
  readonly productName: string;
  /** Files of nodesets, the standard's first. */
  readonly nodesets: readonly string[];
  /** Fills the address space, at each start anew. */
  readonly build: (addressSpace: AddressSpace) => void;
  readonly pkiFolder: string;
}

/** A real OPC UA server on a free port of 127.0.0.1. It offers SignAndEncrypt only. */
export class OpcUaServer {
  readonly #plan: OpcUaServerPlan;
  #server: opcua.OPCUAServer | undefined;
  #port = 0;

  constructor(plan: OpcUaServerPlan) {
    this.#plan = plan;
  }

  get running(): boolean {
    return this.#server !== undefined;
  }

  get endpoint(): string {
    return `opc.tcp://127.0.0.1:${this.#port}`;
  }

  /** The server's own certificate, which a careful client has to be told to trust. */
  get certificateFile(): string {
    return `${this.#plan.pkiFolder}/own/certs/certificate.pem`;
  }

  /** Starts on a free port the first time, on the same one ever after. */
  async start(): Promise<void> {
    const { applicationUri, build, nodesets, pkiFolder, productName } = this.#plan;
    mkdirSync(pkiFolder, { recursive: true });
    const certificates = new opcua.OPCUACertificateManager({
      rootFolder: pkiFolder,
      automaticallyAcceptUnknownCertificate: true,
    });
    await certificates.initialize();
    const server = new opcua.OPCUAServer({
      port: this.#port,
      host: '127.0.0.1',
      hostname: '127.0.0.1',
      nodeset_filename: [...nodesets],
      serverCertificateManager: certificates,
      securityModes: [opcua.MessageSecurityMode.SignAndEncrypt],
      securityPolicies: [opcua.SecurityPolicy.Basic256Sha256],
      // A gateway that was killed leaves its sessions behind until they time out.
      maxConnectionsPerEndpoint: 200,
      serverCapabilities: { maxSessions: 200 },
      serverInfo: { applicationUri },
      buildInfo: { productName },
    });
    await server.initialize();
    const { addressSpace } = server.engine;
    if (addressSpace === null) throw new Error('the server has no address space');
    build(addressSpace);
    await server.start();
    this.#server = server;
    this.#port = Number(new URL(server.getEndpointUrl().replace('opc.tcp:', 'http:')).port);
  }

  /** Goes away at once, without warning its clients. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.shutdown(0);
  }
}
