import { mkdirSync } from 'node:fs';
import * as opcua from 'node-opcua';
import { buildConveyorNodes, type ConveyorNodes } from './plc-nodes.ts';
import type { ConveyorEmission } from './world/emission.ts';
import type { ConveyorLayout } from './world/site-layout.ts';

/** Sends what the OPC UA library would print on stdout elsewhere: stdout is for results. */
export function redirectOpcUaLog(say: (line: string) => void): void {
  const line = (_context: unknown, ...words: unknown[]) => say(words.map(String).join(' '));
  opcua.setWarningLogger(line);
  opcua.setErrorLogger(line);
}

/**
 * A real OPC UA server with the PackML nodeset: one controller with the conveyors of a site. It
 * offers SignAndEncrypt only. Its values outlive a restart, as a battery-backed PLC's do.
 */
export class OpcUaPlc {
  readonly #conveyors: readonly ConveyorLayout[];
  readonly #pkiFolder: string;
  readonly #last = new Map<string, ConveyorEmission>();
  #nodes = new Map<string, ConveyorNodes>();
  #server: opcua.OPCUAServer | undefined;
  #port = 0;

  constructor(conveyors: readonly ConveyorLayout[], pkiFolder: string) {
    this.#conveyors = conveyors;
    this.#pkiFolder = pkiFolder;
  }

  get running(): boolean {
    return this.#server !== undefined;
  }

  get endpoint(): string {
    return `opc.tcp://127.0.0.1:${this.#port}`;
  }

  /** The server's own certificate, which a careful client has to be told to trust. */
  get certificateFile(): string {
    return `${this.#pkiFolder}/own/certs/certificate.pem`;
  }

  /** Starts on a free port the first time, on the same one ever after. */
  async start(): Promise<void> {
    mkdirSync(this.#pkiFolder, { recursive: true });
    const certificates = new opcua.OPCUACertificateManager({
      rootFolder: this.#pkiFolder,
      automaticallyAcceptUnknownCertificate: true,
    });
    await certificates.initialize();
    const server = new opcua.OPCUAServer({
      port: this.#port,
      host: '127.0.0.1',
      hostname: '127.0.0.1',
      nodeset_filename: [opcua.nodesets.standard, opcua.nodesets.packML],
      serverCertificateManager: certificates,
      securityModes: [opcua.MessageSecurityMode.SignAndEncrypt],
      securityPolicies: [opcua.SecurityPolicy.Basic256Sha256],
      // A gateway that was killed leaves its sessions behind until they time out.
      maxConnectionsPerEndpoint: 200,
      serverCapabilities: { maxSessions: 200 },
      serverInfo: { applicationUri: 'urn:holdfast:simulated-plc:server' },
      buildInfo: { productName: 'holdfast simulated PLC' },
    });
    await server.initialize();
    const { addressSpace } = server.engine;
    if (addressSpace === null) throw new Error('the server has no address space');
    this.#nodes = buildConveyorNodes(addressSpace, this.#conveyors);
    for (const emission of this.#last.values()) this.#nodes.get(emission.device)?.set(emission);
    await server.start();
    this.#server = server;
    this.#port = Number(new URL(server.getEndpointUrl().replace('opc.tcp:', 'http:')).port);
  }

  /** Goes away at once, without warning its clients. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.#nodes.clear();
    await server?.shutdown(0);
  }

  /** Shows new values; while the server is down nobody sees them, but they count on. */
  apply(emission: ConveyorEmission): void {
    this.#last.set(emission.device, emission);
    this.#nodes.get(emission.device)?.set(emission);
  }
}
