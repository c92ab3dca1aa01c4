import proto from 'sparkplug-payload/lib/sparkplugPayloadProto.js';

const { Payload } = proto.org.eclipse.tahu.protobuf;
type WireMetric = proto.org.eclipse.tahu.protobuf.Payload.IMetric;
type WireProperties = proto.org.eclipse.tahu.protobuf.Payload.IPropertySet;

/**
 * A metric as it is on the wire. Data messages leave name and datatype to the birth certificate.
 */
export interface SparkplugMetric {
  readonly name?: string;
  readonly alias?: number;
  readonly timestampMs?: number;
  readonly datatype?: number;
  /** Absent where the metric is null. A 32-bit integer comes unsigned: see signedValue. */
  readonly value?: number | boolean | string;
  /** The engineering unit, where a property names one. */
  readonly unit?: string;
  /** The node kept it while it was away: its time is its own. */
  readonly historical?: true;
}

export interface SparkplugPayload {
  readonly timestampMs?: number;
  readonly seq?: number;
  readonly metrics: readonly SparkplugMetric[];
  /** What stands in `body` then is the payload proper, deflated (an extension of Eclipse Tahu). */
  readonly compressed?: true;
}

const compressedUuid = 'SPBV1.0_COMPRESSED';

/**
 * Reads a Sparkplug B payload (specification 3.0, chapter 6.4). The package's generated protobuf
 * classes are used and not its `decodePayload`, which takes the value's field from `datatype`, and
 * so loses every value of the data messages that leave the datatype out, as they should.
 *
 * @returns undefined where the bytes are no such payload, or a text in it is no Unicode.
 */
export function readSparkplug(bytes: Uint8Array): SparkplugPayload | undefined {
  try {
    const wire = Payload.decode(bytes);
    const timestampMs = integerOf(own(wire, 'timestamp'));
    const seq = integerOf(own(wire, 'seq'));
    return {
      metrics: wire.metrics.map(metricOf),
      ...(timestampMs === undefined ? {} : { timestampMs }),
      ...(seq === undefined ? {} : { seq }),
      ...(own(wire, 'uuid') === compressedUuid ? { compressed: true } : {}),
    };
  } catch {
    return undefined;
  }
}

function metricOf(metric: WireMetric): SparkplugMetric {
  const name = textOf(own(metric, 'name'));
  const alias = integerOf(own(metric, 'alias'));
  const timestampMs = integerOf(own(metric, 'timestamp'));
  const datatype = integerOf(own(metric, 'datatype'));
  const value = metric.isNull === true ? undefined : valueOf(metric);
  const unit = metric.properties ? unitOf(metric.properties) : undefined;
  return {
    ...(name === undefined ? {} : { name }),
    ...(alias === undefined ? {} : { alias }),
    ...(timestampMs === undefined ? {} : { timestampMs }),
    ...(datatype === undefined ? {} : { datatype }),
    ...(value === undefined ? {} : { value }),
    ...(unit === undefined ? {} : { unit }),
    ...(metric.isHistorical === true ? { historical: true } : {}),
  };
}

function valueOf(metric: WireMetric): number | boolean | string | undefined {
  const long = own(metric, 'longValue');
  if (long !== undefined) return integerOf(long) ?? long?.toString();
  const value =
    own(metric, 'intValue') ??
    own(metric, 'floatValue') ??
    own(metric, 'doubleValue') ??
    own(metric, 'booleanValue');
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return textOf(own(metric, 'stringValue'));
}

const unitKeys: ReadonlySet<string> = new Set([
  'engunit',
  'engunits',
  'engineeringunit',
  'engineeringunits',
  'unit',
  'units',
  'uom',
]);

function unitOf({ keys, values }: WireProperties): string | undefined {
  const at = keys?.findIndex((key) => unitKeys.has(key.toLowerCase())) ?? -1;
  const value = at === -1 ? undefined : values?.[at];
  return value ? textOf(own(value, 'stringValue')) : undefined;
}

/** Generated classes show defaults through the prototype; only an own field was on the wire. */
function own<T extends object, K extends keyof T>(object: T, key: K): T[K] | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** @throws Error for text with a lone surrogate, which protobufjs lets pass. */
function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (!value.isWellFormed()) throw new Error('text is not Unicode');
  return value;
}

/** A number or a 64-bit `Long`. @returns undefined where it is absent or no exact integer. */
function integerOf(value: unknown): number | undefined {
  const isLong = typeof value === 'object' && value !== null;
  const number = isLong ? Number((value as { toString(): string }).toString()) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}

/**
 * Int8 to Int32 travel as unsigned 32 bits in two's complement, Int64 likewise in 64 bits
 * (specification 6.4.16): the datatype says so.
 */
export function signedValue(
  value: number | boolean | string,
  datatype: number | undefined,
): number | boolean | string {
  const isInt32 = datatype === 1 || datatype === 2 || datatype === 3;
  if (isInt32 && typeof value === 'number') return value | 0;
  const isLargeInt64 = datatype === 4 && typeof value === 'string' && /^\d{1,20}$/.test(value);
  return isLargeInt64 ? String(BigInt.asIntN(64, BigInt(value))) : value;
}
