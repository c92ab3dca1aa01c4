import type { DataValue, NodeId, Variant } from 'node-opcua';
import type { Canonical, CanonicalRecord } from '#contracts/canonical.ts';
import { stableNodeText } from './node-address.ts';
import type { OpcUaSample, TagReadout } from './opcua-sample.ts';

/** Ids of built-in types (OPC UA Part 6, table 1). */
const builtIn = { int64: 8, uint64: 9 } as const;

const maxTextLength = 1000;
const maxElements = 1000;
const maxDepth = 8;
/** Local: the server's value arrived, but its type is not described (Part 4, table 180). */
export const badDecodingError = 0x80070000;

/** A value whose type was not resolved, as node-opcua holds it. */
interface Opaque {
  readonly nodeId: NodeId;
  readonly buffer: Uint8Array;
}

/**
 * Turns what node-opcua delivers into the sample that intake keeps. Of a structure that could not
 * be decoded the sample is bad and its value names the encoding.
 */
export function sampleOf(
  dataValue: Pick<DataValue, 'sourceTimestamp' | 'statusCode' | 'value'>,
  readout: TagReadout,
  namespaces: readonly string[],
): OpcUaSample {
  const { sourceTimestamp, statusCode, value } = dataValue as {
    sourceTimestamp: Date | null | undefined;
    statusCode: { value: number } | null | undefined;
    value: Variant | null | undefined;
  };
  // OPC UA's "no time" is 1601, which no reading can come from.
  const sourceMs = sourceTimestamp?.getTime() ?? Number.NaN;
  const time = sourceMs >= 0 ? { sourceMs } : {};
  const opaque = opaqueOf(value);
  if (opaque !== undefined) {
    const encoding = stableNodeText(opaque.nodeId.toString(), namespaces);
    return { ...readout, status: badDecodingError, value: encoding, ...time };
  }
  return {
    ...readout,
    status: statusCode?.value ?? 0,
    value: canonicalOf(value, namespaces),
    ...time,
  };
}

/** A variant in the form of `OpcUaSample.value`. */
export function canonicalOf(
  variant: Variant | null | undefined,
  namespaces: readonly string[],
  depth = 0,
): Canonical {
  if (variant === null || variant === undefined) return null;
  const value: unknown = variant.value;
  const dataType: number = variant.dataType;
  const arrayType: number = variant.arrayType;
  const is64 = dataType === builtIn.int64 || dataType === builtIn.uint64;
  const one = (of: unknown): Canonical =>
    is64 && of !== null && of !== undefined
      ? integer64(of as readonly [number, number], dataType === builtIn.int64)
      : plainOf(of, namespaces, depth + 1);
  if (arrayType === 0) return one(value);
  if (value === null || value === undefined) return [];
  return listOf(value as ArrayLike<unknown>, one);
}

function listOf(list: ArrayLike<unknown>, one: (of: unknown) => Canonical): Canonical {
  if (list.length > maxElements) return `<${list.length} elements>`;
  return Array.from(list, one);
}

/** What a value is tells itself by what the library made of it. */
function plainOf(value: unknown, namespaces: readonly string[], depth: number): Canonical {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return numberOf(value);
  if (typeof value === 'string') return textOf(value);
  if (value instanceof Date) return timeOf(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex').toUpperCase();
  if (typeof value !== 'object') return null;
  if (depth > maxDepth) return '<too deep>';
  const further = (of: unknown): Canonical => plainOf(of, namespaces, depth + 1);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    return listOf(value as unknown as ArrayLike<unknown>, further);
  }
  if ('identifierType' in value) return nodeTextOf(value as unknown as NodeId, namespaces);
  if ('buffer' in value && 'nodeId' in value) return '<not decoded>';
  if ('text' in value && 'locale' in value) return textOf(value.text);
  if ('namespaceIndex' in value && 'name' in value) return textOf(value.name);
  if ('arrayType' in value && 'dataType' in value) {
    return canonicalOf(value as unknown as Variant, namespaces, depth);
  }
  return recordOf(value, further);
}

/** A structure by the names of its fields, which the library begins with a small letter. */
function recordOf(structure: object, further: (of: unknown) => Canonical): CanonicalRecord {
  const { schema } = structure as { schema?: { fields?: readonly StructureField[] } };
  const types = new Map(schema?.fields?.map(({ name, fieldType }) => [name, fieldType]));
  return Object.fromEntries(
    Object.entries(structure)
      .filter(([key, value]) => value !== undefined && !key.startsWith('_') && key !== 'schema')
      .map(([key, value]) => {
        const name = `${key.charAt(0).toUpperCase()}${key.slice(1)}`.toWellFormed();
        const type = types.get(key);
        return type === 'Int64' || type === 'UInt64'
          ? [name, integer64(value as readonly [number, number], type === 'Int64')]
          : [name, further(value)];
      }),
  );
}

interface StructureField {
  readonly name: string;
  readonly fieldType: string;
}

function opaqueOf(variant: Variant | null | undefined): Opaque | undefined {
  const value: unknown = variant?.value;
  const first: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof first !== 'object' || first === null) return undefined;
  return 'buffer' in first && 'nodeId' in first ? (first as Opaque) : undefined;
}

/** The null NodeId (OPC UA Part 3, 8.2.4) names nothing: a state machine that is in no state. */
function nodeTextOf(nodeId: NodeId, namespaces: readonly string[]): string | null {
  if (nodeId.namespace === 0 && nodeId.isEmpty()) return null;
  return stableNodeText(nodeId.toString(), namespaces);
}

function timeOf(value: Date): string | null {
  return Number.isNaN(value.getTime()) ? null : value.toISOString();
}

/** Canonical values hold exact integers only; every other number travels as its decimal text. */
function numberOf(value: number): number | string {
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  return String(value);
}

/** node-opcua holds 64-bit integers as two unsigned words, the high one first. */
function integer64([high, low]: readonly [number, number], signed: boolean): number | string {
  const bits = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  const value = signed ? BigInt.asIntN(64, bits) : bits;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, maxTextLength).toWellFormed() : null;
}
