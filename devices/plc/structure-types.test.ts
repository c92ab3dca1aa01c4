import type { ClientSession, ExtensionObject, Variant } from 'node-opcua';
import * as opcua from 'node-opcua';
import { expect, test } from 'vitest';
import type { OpcUaLibrary } from './opcua-library.ts';
import { StructureTypes } from './structure-types.ts';

/** A structure as the library holds it before its type was described. */
function opaqueScan(): ExtensionObject {
  const nodeId = opcua.resolveNodeId('ns=4;i=5013');
  const opaque = Object.create(opcua.ExtensionObject.prototype) as ExtensionObject;
  return Object.assign(opaque, { nodeId, buffer: Buffer.from([1]) });
}

function variantOf(scans: ExtensionObject[]): Variant {
  const arrayType = opcua.VariantArrayType.Array;
  return new opcua.Variant({ dataType: opcua.DataType.ExtensionObject, arrayType, value: scans });
}

function eventOf(value = variantOf([opaqueScan()])): ExtensionObject[] {
  const events = [{ clientHandle: 1, eventFields: [value] }];
  return [new opcua.EventNotificationList({ events })];
}

/** @param promote what the library does with a value; by default it learns nothing of its type. */
function typesOf(promote: (value: Variant) => void = () => undefined) {
  let asked = 0;
  const library: OpcUaLibrary = {
    ...opcua,
    promoteOpaqueStructure: (_session, values) => {
      asked += 1;
      for (const { value } of values) promote(value);
      return Promise.resolve();
    },
  };
  return { types: new StructureTypes(library, {} as ClientSession), asked: () => asked };
}

test('what the server does not describe stays undecoded, and is asked for once', async () => {
  const { types, asked } = typesOf();
  const unknown = types.unknownIn(eventOf());
  await types.decode(unknown, () => true);
  expect(unknown).toHaveLength(1);
  expect(types.unknownIn(eventOf())).toEqual([]);
  expect(asked()).toBe(1);
});

test('where the connection broke meanwhile, nothing passes for undecodable', async () => {
  const { types } = typesOf();
  const unknown = types.unknownIn(eventOf());
  await expect(types.decode(unknown, () => false)).rejects.toThrow(/connection broke/);
  expect(types.unknownIn(eventOf())).toHaveLength(1);
});

test('an array is decoded to its end, also where its first element is decoded already', async () => {
  const decoded = { epc: '30' } as unknown as ExtensionObject;
  const { types } = typesOf((variant) => {
    variant.value = decoded;
  });
  const value = variantOf([opaqueScan(), opaqueScan(), opaqueScan()]);
  const unknown = types.unknownIn(eventOf(value));
  // The library itself works on the same array.
  (value.value as unknown[])[0] = decoded;
  await types.decode(unknown, () => true);
  expect(value.value).toEqual([decoded, decoded, decoded]);
  expect(types.unknownIn(eventOf())).toHaveLength(1);
});
