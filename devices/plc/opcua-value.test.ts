import {
  DataType,
  LocalizedText,
  NodeId,
  Range,
  StatusCodes,
  Variant,
  VariantArrayType,
} from 'node-opcua';
import { describe, expect, test } from 'vitest';
import { encodeOpcUaSample } from './opcua-sample.ts';
import { sampleOf } from './opcua-value.ts';

const namespaces = ['http://opcfoundation.org/UA/', 'http://opcfoundation.org/UA/PackML/'];

function valueOf(dataType: DataType, value: unknown, arrayType = VariantArrayType.Scalar): unknown {
  const variant = new Variant({ arrayType, dataType, value });
  const sample = sampleOf(
    { statusCode: StatusCodes.Good, sourceTimestamp: null, value: variant },
    { role: 'counter' },
    namespaces,
  );
  encodeOpcUaSample(sample);
  return sample.value;
}

describe('values as they arrive from the library', () => {
  test.each([
    ['UInt32', DataType.UInt32, 4_294_967_295, 4_294_967_295],
    ['UInt64', DataType.UInt64, [1, 2], 4_294_967_298],
    [
      'UInt64, too large to be exact',
      DataType.UInt64,
      [0xffffffff, 0xffffffff],
      '18446744073709551615',
    ],
    ['Int64', DataType.Int64, [0xffffffff, 0xffffffff], -1],
    ['Double', DataType.Double, 60.5, '60.5'],
    ['Double that is whole', DataType.Double, -0, 0],
    ['NaN', DataType.Double, Number.NaN, 'NaN'],
    ['Boolean', DataType.Boolean, true, true],
    ['String', DataType.String, 'a\ud800', 'a\ufffd'],
    ['no String', DataType.String, null, null],
    ['LocalizedText', DataType.LocalizedText, new LocalizedText({ text: 'Idle' }), 'Idle'],
    [
      'NodeId',
      DataType.NodeId,
      new NodeId(NodeId.NodeIdType.NUMERIC, 28, 1),
      'nsu=http://opcfoundation.org/UA/PackML/;i=28',
    ],
    ['no NodeId', DataType.NodeId, NodeId.nullNodeId, null],
    ['DateTime', DataType.DateTime, new Date(0), '1970-01-01T00:00:00.000Z'],
  ])('%s', (_name, dataType, value, expected) => {
    expect(valueOf(dataType, value)).toBe(expected);
  });

  test('an array is a list, unless it is too long to keep', () => {
    const list = new Int32Array([1, 2]);
    expect(valueOf(DataType.Int32, list, VariantArrayType.Array)).toEqual([1, 2]);
    const long = new Int32Array(1001);
    expect(valueOf(DataType.Int32, long, VariantArrayType.Array)).toBe('<1001 elements>');
  });

  test('bytes are upper-case hex', () => {
    expect(valueOf(DataType.ByteString, Buffer.from('30ab', 'hex'))).toBe('30AB');
  });

  test('a structure is a record under the names of its fields', () => {
    const range = new Range({ low: -5, high: 7.5 });
    expect(valueOf(DataType.ExtensionObject, range)).toEqual({ Low: -5, High: '7.5' });
  });

  test('status bits are kept, and a time before 1970 is none', () => {
    const sample = sampleOf(
      {
        statusCode: StatusCodes.BadSensorFailure,
        sourceTimestamp: new Date(Date.UTC(1601, 0, 1)),
        value: new Variant({ dataType: DataType.Null }),
      },
      { role: 'state' },
      namespaces,
    );
    expect(sample).toEqual({ role: 'state', status: 0x808c0000, value: null });
  });
});
