import type { DataValue, NodeId, Variant } from 'node-opcua';
import { stableNodeText } from './node-address.ts';
import type { OpcUaSample, TagRole } from './opcua-sample.ts';

/** Ids of built-in types (OPC UA Part 6, table 1). */
const builtIn = { int64: 8, localizedText: 21, nodeId: 17, uint64: 9 } as const;

const maxTextLength = 1000;

/** Turns what node-opcua delivers into the sample that intake keeps. */
export function sampleOf(
  dataValue: Pick<DataValue, 'sourceTimestamp' | 'statusCode' | 'value'>,
  role: TagRole,
  namespaces: readonly string[],
): OpcUaSample {
  const { sourceTimestamp, statusCode, value } = dataValue as {
    sourceTimestamp: Date | null | undefined;
    statusCode: { value: number } | null | undefined;
    value: Variant | null | undefined;
  };
  // OPC UA's "no time" is 1601, which no reading can come from.
  const sourceMs = sourceTimestamp?.getTime() ?? Number.NaN;
  return {
    role,
    status: statusCode?.value ?? 0,
    value: value === null || value === undefined ? null : scalarOf(value, namespaces),
    ...(sourceMs >= 0 ? { sourceMs } : {}),
  };
}

function scalarOf(variant: Variant, namespaces: readonly string[]): OpcUaSample['value'] {
  const value: unknown = variant.value;
  const dataType: number = variant.dataType;
  const arrayType: number = variant.arrayType;
  if (arrayType > 0) return '<array>';
  if (value === null || value === undefined) return null;
  if (dataType === builtIn.int64 || dataType === builtIn.uint64) {
    return integer64(value as readonly [number, number], dataType === builtIn.int64);
  }
  if (dataType === builtIn.nodeId) return nodeTextOf(value as NodeId, namespaces);
  if (dataType === builtIn.localizedText) return textOf((value as { text: unknown }).text);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return numberOf(value);
  return typeof value === 'string' ? textOf(value) : '<structure>';
}

/** The null NodeId (OPC UA Part 3, 8.2.4) names nothing: a state machine that is in no state. */
function nodeTextOf(nodeId: NodeId, namespaces: readonly string[]): string | null {
  if (nodeId.namespace === 0 && nodeId.isEmpty()) return null;
  return stableNodeText(nodeId.toString(), namespaces);
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
