import type { ClientSession, ExtensionObject, Variant } from 'node-opcua';
import type { OpcUaLibrary } from './opcua-library.ts';

/** A value whose type node-opcua does not know yet. */
interface Unknown {
  readonly value: Variant;
}

/**
 * Decodes structures of types that only the server knows (PackML counts, AutoID scan results): it
 * describes them in DataTypeDefinition (OPC UA Part 3, 8.49) or, before 1.04, in dictionaries. What
 * it does not describe stays undecoded, and is asked for once only.
 */
export class StructureTypes {
  readonly #library: OpcUaLibrary;
  readonly #session: ClientSession;
  readonly #undescribed = new Set<string>();

  constructor(library: OpcUaLibrary, session: ClientSession) {
    this.#library = library;
    this.#session = session;
  }

  /** The values of a notification that have to be decoded before they can be told. */
  unknownIn(data: readonly (ExtensionObject | null)[]): Unknown[] {
    const { DataChangeNotification, EventNotificationList } = this.#library;
    return data.flatMap((notification) => {
      if (notification instanceof DataChangeNotification) {
        return (notification.monitoredItems ?? []).flatMap(({ value }) =>
          this.#unknown((value as { value: Variant | null }).value),
        );
      }
      if (!(notification instanceof EventNotificationList)) return [];
      const events = notification.events ?? [];
      return events.flatMap(({ eventFields }) =>
        (eventFields ?? []).flatMap((field) => this.#unknown(field)),
      );
    });
  }

  /**
   * Decodes them in place, each structure for itself: the library decodes the same values on its
   * own at the same time, and passes over an array whose first element is decoded already.
   *
   * @param isConnected asked afterwards: the library takes a type that it could not ask for on a
   * broken connection for one that the server does not describe.
   * @throws Error where the connection broke meanwhile, or what the library says of that.
   */
  async decode(unknown: readonly Unknown[], isConnected: () => boolean): Promise<void> {
    const { DataType, Variant: VariantClass, promoteOpaqueStructure } = this.#library;
    const places = unknown.flatMap(({ value }) => opaquePlaces(value));
    if (places.length === 0) return;
    const single = places.map(({ opaque }) => ({
      value: new VariantClass({ dataType: DataType.ExtensionObject, value: opaque }),
    }));
    await promoteOpaqueStructure(this.#session, single);
    for (const [index, { opaque, put }] of places.entries()) {
      const decoded: unknown = single[index]?.value.value;
      if (!isOpaque(decoded)) {
        put(decoded);
        continue;
      }
      if (!isConnected()) throw new Error('the connection broke before a type was described');
      this.#undescribed.add(String(opaque.nodeId));
    }
  }

  #unknown(value: Variant | null): Unknown[] {
    if (value?.dataType !== this.#library.DataType.ExtensionObject) return [];
    const encodings = encodingsIn(value);
    if (!encodings.some((encoding) => !this.#undescribed.has(encoding))) return [];
    return [{ value }];
  }
}

function encodingsIn(variant: Variant): string[] {
  return [...new Set(opaquePlaces(variant).map(({ opaque }) => String(opaque.nodeId)))];
}

/** A structure that is not decoded, and how to put the decoded one in its place. */
interface OpaquePlace {
  readonly opaque: Opaque;
  readonly put: (decoded: unknown) => void;
}

interface Opaque {
  readonly nodeId: unknown;
  readonly buffer: Uint8Array;
}

function opaquePlaces(variant: Variant): OpaquePlace[] {
  const value: unknown = variant.value;
  if (!Array.isArray(value)) {
    return isOpaque(value) ? [{ opaque: value, put: (decoded) => (variant.value = decoded) }] : [];
  }
  const list: unknown[] = value;
  return list.flatMap((one, index) =>
    isOpaque(one) ? [{ opaque: one, put: (decoded) => (list[index] = decoded) }] : [],
  );
}

function isOpaque(value: unknown): value is Opaque {
  return typeof value === 'object' && value !== null && 'buffer' in value && 'nodeId' in value;
}
