/** Namespace of the simulated RFID reader's own nodes. */
export const readerNamespace = 'urn:holdfast:simulated-reader';

/** Where a reader's scan events come from. */
export function readerNode(id: string): string {
  return `nsu=${readerNamespace};s=${id}`;
}
