import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as opcua from 'node-opcua';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OpcUaPlc } from './opcua-plc.ts';
import { redirectOpcUaLog } from './opcua-server.ts';
import { counterNode, plcNamespace, stateNode } from './plc-node-ids.ts';
import { planSite } from '../world/plan-site.ts';
import type { ConveyorLayout } from '../world/site-layout.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-plc-'));
const { conveyors } = planSite(1, 1);
const line = conveyors.find(({ profile }) => profile === 'packml') as ConveyorLayout;
const sorter = conveyors.find(({ profile }) => profile === 'plc-counter') as ConveyorLayout;
const plc = new OpcUaPlc(conveyors, join(folder, 'server'));
let certificates: opcua.OPCUACertificateManager;

beforeAll(async () => {
  redirectOpcUaLog(() => undefined);
  certificates = new opcua.OPCUACertificateManager({
    rootFolder: join(folder, 'client'),
    automaticallyAcceptUnknownCertificate: true,
    disableFileWatchers: true,
  });
  await certificates.initialize();
  await plc.server.start();
});

afterAll(async () => {
  await plc.server.stop();
  await certificates.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** Reads nodes as a client of nobody's making would: by namespace URI, encrypted. */
async function read(nodes: readonly string[], mode = opcua.MessageSecurityMode.SignAndEncrypt) {
  const client = opcua.OPCUAClient.create({
    clientCertificateManager: certificates,
    connectionStrategy: { initialDelay: 100, maxDelay: 200, maxRetry: 0 },
    endpointMustExist: false,
    securityMode: mode,
    securityPolicy:
      mode === opcua.MessageSecurityMode.None
        ? opcua.SecurityPolicy.None
        : opcua.SecurityPolicy.Basic256Sha256,
  });
  try {
    await client.connect(plc.server.endpoint);
    const session = await client.createSession();
    const namespaces = await session.readNamespaceArray();
    const index = namespaces.indexOf(plcNamespace);
    const values = await session.read(
      nodes.map((node) => ({
        nodeId: `ns=${index};${node.slice(node.indexOf(';s=') + 1)}`,
        attributeId: opcua.AttributeIds.Value,
      })),
    );
    await session.close();
    return { namespaces, values };
  } finally {
    await client.disconnect();
  }
}

function emission(device: string, counters: Record<string, number>, stateNumber?: number) {
  const common = {
    type: 'conveyor',
    site: 'site-1',
    device,
    atMs: 0,
    number: 1,
    counters,
  } as const;
  return stateNumber === undefined ? common : { ...common, stateNumber };
}

const counters = [
  ...line.counters.map((counter) => counterNode(line, counter)),
  ...sorter.counters.map((counter) => counterNode(sorter, counter)),
];

test('is in a state that PackML knows before anything has happened', async () => {
  const { namespaces, values } = await read([stateNode(line)]);
  const idle = values[0]?.value.value as opcua.NodeId;
  expect(namespaces[idle.namespace]).toBe('http://opcfoundation.org/UA/PackML/');
  expect(idle.value).toBe(28);
});

test('shows counters and the PackML state where the node ids say', async () => {
  plc.show(emission(line.id, { processed: 41, defective: 2 }, 11));
  plc.show(emission(sorter.id, { sorted: 65_535 }));
  const { namespaces, values } = await read([...counters, stateNode(line)]);
  expect(values.slice(0, 3).map(({ value }) => value.value as number)).toEqual([41, 2, 65_535]);
  expect(values.every(({ statusCode }) => statusCode.isGood())).toBe(true);
  const state = values[3]?.value.value as opcua.NodeId;
  // The nodeset's own id of the state "Held".
  expect(namespaces[state.namespace]).toBe('http://opcfoundation.org/UA/PackML/');
  expect(state.value).toBe(34);
});

test('keeps its values, its port and its certificate over a restart', async () => {
  plc.show(emission(sorter.id, { sorted: 17 }));
  const { endpoint } = plc.server;
  await plc.server.stop();
  expect(plc.server.running).toBe(false);
  await expect(read(counters)).rejects.toThrow(/connect/i);
  plc.show(emission(sorter.id, { sorted: 18 }));
  await plc.server.start();
  expect(plc.server.endpoint).toBe(endpoint);
  const { values } = await read(counters);
  expect(values[2]?.value.value).toBe(18);
});

test('offers nothing without encryption', async () => {
  await expect(read(counters, opcua.MessageSecurityMode.None)).rejects.toThrow(/end ?point/i);
});
