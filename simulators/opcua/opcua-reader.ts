import * as opcua from 'node-opcua';
import type { AddressSpace, UADataType, UAEventType, UAObject } from 'node-opcua';
import { OpcUaServer, type PolledDevices } from './opcua-server.ts';
import { readerNamespace } from './reader-node-id.ts';
import type { Emission, TagRead } from '../world/emission.ts';

const autoIdNamespace = 'http://opcfoundation.org/UA/AutoID/';
/** A tag id of 96 bits follows (GS1 TDS, 9.3: the word that stands before it on the tag). */
const protocolControl = 0x3000;

interface ReaderNodes {
  readonly addressSpace: AddressSpace;
  readonly reader: UAObject;
  readonly eventType: UAEventType;
  readonly resultType: UADataType;
}

/**
 * An RFID reader that speaks the AutoID companion specification (OPC 30010): a server with the DI
 * and AutoID nodesets that raises a scan event for what it hears, and keeps nothing.
 */
export class OpcUaReader implements PolledDevices {
  readonly devices: readonly string[];
  readonly server: OpcUaServer;
  #nodes: ReaderNodes | undefined;

  constructor(id: string, pkiFolder: string) {
    this.devices = [id];
    this.server = new OpcUaServer({
      applicationUri: `urn:holdfast:simulated-reader:${id}`,
      productName: 'holdfast simulated RFID reader',
      nodesets: [opcua.nodesets.standard, opcua.nodesets.di, opcua.nodesets.autoId],
      pkiFolder,
      build: (addressSpace) => {
        this.#nodes = readerNodes(addressSpace, id);
      },
    });
  }

  show(emission: Emission): void {
    const nodes = this.#nodes;
    if (emission.type !== 'tags' || nodes === undefined || !this.server.running) return;
    const timestamp = new Date();
    const results = emission.reads.map((read) => scanResult(nodes, read, timestamp));
    nodes.reader.raiseEvent(nodes.eventType, {
      deviceName: { dataType: opcua.DataType.String, value: 'Gate reader' },
      scanResult: {
        dataType: opcua.DataType.ExtensionObject,
        arrayType: opcua.VariantArrayType.Array,
        value: results,
      },
    });
  }
}

function readerNodes(addressSpace: AddressSpace, id: string): ReaderNodes {
  const namespace = addressSpace.registerNamespace(readerNamespace);
  const index = addressSpace.getNamespaceIndex(autoIdNamespace);
  const readerType = addressSpace.findObjectType('RfidReaderDeviceType', index);
  const scanType = addressSpace.findEventType('RfidScanEventType', index);
  const resultType = addressSpace.findDataType('RfidScanResult', index);
  if (readerType === null || scanType === null || resultType === null) {
    throw new Error('the AutoID nodeset is not the one this server was written for');
  }
  const reader = readerType.instantiate({
    browseName: id,
    nodeId: `s=${id}`,
    namespace,
    organizedBy: addressSpace.rootFolder.objects,
    eventSourceOf: addressSpace.rootFolder.objects.server,
  });
  reader.setEventNotifier(1);
  // The standard's event type is abstract: every maker has its own below it.
  const eventType = namespace.addEventType({
    browseName: 'GateScanEventType',
    subtypeOf: scanType,
  });
  return { addressSpace, reader, eventType, resultType };
}

/** One tag: what was on it, and each time it was seen (OPC 30010, 9.3). */
function scanResult(
  { addressSpace, resultType }: ReaderNodes,
  { antenna, epc, rssiCdbm, seen }: TagRead,
  timestamp: Date,
): opcua.ExtensionObject {
  const sighting = { antenna, strength: Math.round(rssiCdbm / 100), timestamp };
  return addressSpace.constructExtensionObject(resultType, {
    codeType: 'EPC',
    scanData: { epc: { PC: protocolControl, uId: Buffer.from(epc, 'hex') } },
    timestamp,
    sighting: Array.from({ length: seen }, () => sighting),
  });
}
