import type { ClientSession, DataValue, ExtensionObject, Variant } from 'node-opcua';
import type { OpcUaLibrary } from './opcua-library.ts';

/** A value whose type node-opcua does not know yet. */
interface Unknown {
  readonly value: Variant;
  /** Its encodings' NodeIds. */
  readonly encodings: readonly string[];
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

  /** Decodes them in place. @throws what the library says of a connection that broke meanwhile. */
  async decode(unknown: readonly Unknown[]): Promise<void> {
    if (unknown.length === 0) return;
    const values = unknown.map(({ value }) => ({ value }) as DataValue);
    await this.#library.promoteOpaqueStructure(this.#session, values);
    for (const { value, encodings } of unknown) {
      if (encodingsIn(value).length === 0) continue;
      for (const encoding of encodings) this.#undescribed.add(encoding);
    }
  }

  #unknown(value: Variant | null): Unknown[] {
    if (value?.dataType !== this.#library.DataType.ExtensionObject) return [];
    const encodings = encodingsIn(value);
    if (!encodings.some((encoding) => !this.#undescribed.has(encoding))) return [];
    return [{ value, encodings }];
  }
}

function encodingsIn({ value }: Variant): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const found = list.flatMap((one) => {
    if (typeof one !== 'object' || one === null) return [];
    return 'buffer' in one && 'nodeId' in one ? [String(one.nodeId)] : [];
  });
  return [...new Set(found)];
}
