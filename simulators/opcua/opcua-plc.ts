import * as opcua from 'node-opcua';
import { OpcUaServer, type PolledDevices } from './opcua-server.ts';
import { buildConveyorNodes, type ConveyorNodes } from './plc-nodes.ts';
import type { ConveyorEmission, Emission } from '../world/emission.ts';
import type { ConveyorLayout } from '../world/site-layout.ts';

/**
 * One controller with the conveyors of a site: a server with the PackML nodeset. Its values outlive
 * a restart, as a battery-backed PLC's do.
 */
export class OpcUaPlc implements PolledDevices {
  readonly devices: readonly string[];
  readonly server: OpcUaServer;
  readonly #last = new Map<string, ConveyorEmission>();
  #nodes = new Map<string, ConveyorNodes>();

  constructor(conveyors: readonly ConveyorLayout[], pkiFolder: string) {
    this.devices = conveyors.map(({ id }) => id);
    this.server = new OpcUaServer({
      applicationUri: 'urn:holdfast:simulated-plc:server',
      productName: 'holdfast simulated PLC',
      nodesets: [opcua.nodesets.standard, opcua.nodesets.packML],
      pkiFolder,
      build: (addressSpace) => {
        this.#nodes = buildConveyorNodes(addressSpace, conveyors);
        for (const emission of this.#last.values()) {
          this.#nodes.get(emission.device)?.set(emission);
        }
      },
    });
  }

  /** While the server is down nobody sees new values, but they count on. */
  show(emission: Emission): void {
    if (emission.type !== 'conveyor') return;
    this.#last.set(emission.device, emission);
    if (this.server.running) this.#nodes.get(emission.device)?.set(emission);
  }
}
