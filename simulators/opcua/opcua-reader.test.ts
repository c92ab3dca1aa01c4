import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as opcua from 'node-opcua';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TagEmission } from '../world/emission.ts';
import { OpcUaReader } from './opcua-reader.ts';
import { redirectOpcUaLog } from './opcua-server.ts';
import { readerNamespace, readerNode } from './reader-node-id.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-reader-'));
const reader = new OpcUaReader('autoid-1', join(folder, 'server'));
let client: opcua.OPCUAClient;

beforeAll(async () => {
  redirectOpcUaLog(() => undefined);
  const certificates = new opcua.OPCUACertificateManager({
    rootFolder: join(folder, 'client'),
    automaticallyAcceptUnknownCertificate: true,
    disableFileWatchers: true,
  });
  await certificates.initialize();
  client = opcua.OPCUAClient.create({
    clientCertificateManager: certificates,
    connectionStrategy: { initialDelay: 100, maxDelay: 200, maxRetry: 0 },
    endpointMustExist: false,
    securityMode: opcua.MessageSecurityMode.SignAndEncrypt,
    securityPolicy: opcua.SecurityPolicy.Basic256Sha256,
  });
  await reader.server.start();
  await client.connect(reader.server.endpoint);
});

afterAll(async () => {
  await client.disconnect();
  await reader.server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const reads = [
  { epc: '3074257BF7194E4000001A85', antenna: 1, rssiCdbm: -4834, seen: 2 },
  { epc: '3074257BF7194E4000001A86', antenna: 2, rssiCdbm: -6100, seen: 1 },
];
const emission: TagEmission = {
  type: 'tags',
  site: 'site-1',
  device: 'autoid-1',
  atMs: 0,
  number: 1,
  reads,
};

test('raises a scan event of the companion specification, one result for each tag', async () => {
  const session = await client.createSession();
  const namespaces = await session.readNamespaceArray();
  const subscription = await session.createSubscription2({
    requestedPublishingInterval: 50,
    publishingEnabled: true,
  });
  const autoId = namespaces.indexOf('http://opcfoundation.org/UA/AutoID/');
  const index = namespaces.indexOf(readerNamespace);
  const filter = opcua.constructEventFilter(['EventType', `${autoId}:ScanResult`]);
  const nodeId = readerNode('autoid-1').replace(`nsu=${readerNamespace}`, `ns=${index}`);
  const attributeId = opcua.AttributeIds.EventNotifier;
  const item = await subscription.monitor(
    { nodeId, attributeId },
    { queueSize: 10, filter, samplingInterval: 0, discardOldest: true },
    opcua.TimestampsToReturn.Neither,
  );
  const heard = new Promise<opcua.Variant[]>((resolve) => {
    (item as unknown as { on(of: 'changed', then: typeof resolve): void }).on('changed', resolve);
  });
  reader.show(emission);
  const [eventType, scans] = await heard;
  if (eventType === undefined || scans === undefined) throw new Error('two fields');
  const superTypes = await session.browse({
    nodeId: eventType.value as opcua.NodeId,
    referenceTypeId: 'HasSubtype',
    browseDirection: opcua.BrowseDirection.Inverse,
    resultMask: 63,
  });
  const [superType] = superTypes.references ?? [];
  expect(superType?.browseName.name).toBe('RfidScanEventType');
  await opcua.promoteOpaqueStructure(session, [{ value: scans }]);
  const results = scans.value as {
    codeType: string;
    scanData: { epc: { uId: Buffer } };
    sighting: { antenna: number; strength: number }[];
  }[];
  expect(
    results.map(({ codeType, scanData, sighting }) => ({
      codeType,
      epc: scanData.epc.uId.toString('hex').toUpperCase(),
      seen: sighting.map(({ antenna, strength }) => [antenna, strength]),
    })),
  ).toEqual([
    { codeType: 'EPC', epc: reads[0]?.epc, seen: [1, 1].map((antenna) => [antenna, -48]) },
    { codeType: 'EPC', epc: reads[1]?.epc, seen: [[2, -61]] },
  ]);
  await subscription.terminate();
  await session.close();
});

test('what it hears while it is down is gone, and is no fault', async () => {
  await reader.server.stop();
  reader.show(emission);
  expect(reader.server.running).toBe(false);
  expect(reader.devices).toEqual(['autoid-1']);
});
