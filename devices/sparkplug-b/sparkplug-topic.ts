const messageTypes = ['NBIRTH', 'NDEATH', 'NDATA', 'DBIRTH', 'DDEATH', 'DDATA'] as const;
type MessageType = (typeof messageTypes)[number];

/** The host's state and commands to the node pass below the same prefix. */
const otherTypes: ReadonlySet<string> = new Set(['STATE', 'NCMD', 'DCMD']);

export interface SparkplugTopic {
  readonly type: MessageType;
  readonly edge: string;
  /** Present where, and only where, the message is a device's. */
  readonly device?: string;
}

/**
 * Reads a channel `<TYPE>/<edge node>[/<device>]` (specification 3.0, chapter 4).
 *
 * @returns `other` for what is none of a node's messages, undefined for no Sparkplug topic.
 */
export function topicOf(channel: string): SparkplugTopic | 'other' | undefined {
  const [name = '', edge = '', device, ...rest] = channel.split('/');
  if (otherTypes.has(name)) return 'other';
  const type = messageTypes.find((known) => known === name);
  if (type === undefined || edge === '' || rest.length > 0) return undefined;
  if (!channel.isWellFormed()) return undefined;
  const isOfDevice = type.startsWith('D');
  if (isOfDevice !== (device !== undefined && device !== '')) return undefined;
  return { type, edge, ...(device === undefined ? {} : { device }) };
}
