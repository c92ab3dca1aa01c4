import type { BrowsedNode } from '../../devices/plc/browse-server.ts';

/** What a server seems to offer, as a device of a config file. */
export interface PlcProposal {
  readonly yaml: string;
  /** What there is besides, for a person to choose from. */
  readonly others: readonly string[];
}

const autoIdNamespace = 'nsu=http://opcfoundation.org/UA/AutoID/';
/** PackMLCountDataType and PackMLAlarmDataType (OPC 30050, 6.5). */
const packMlTypes = { counter: 'PackMLCountDataType', alarm: 'PackMLAlarmDataType' } as const;
const whole = /^(?:S?Byte|U?Int(?:16|32|64))$/;
/** As PackML and the trade name what goes up with each piece (ISA-TR88.00.02, Admin tags). */
const countName =
  /^(?:Prod(?:Processed|Defective|Consumed)(?:Count)?|AccCount|\w*(?:Count|Counter|Total|Pieces|Parts|Units))$/i;
const stateName = /^(?:StateCurrent|CurrentState|UnitState)$/i;
const alarmName = /(?:alarm|fault|jam|error|blocked)/i;
const mostOthers = 40;

type Role = 'counter' | 'state' | 'alarm';

/**
 * A device for what a server has: counts, states and alarms by their PackML types and names, readers
 * by their AutoID type.
 */
export function proposePlc(
  id: string,
  endpoint: string,
  nodes: readonly BrowsedNode[],
): PlcProposal {
  const readers = nodes.filter(({ isVariable, type }) => {
    return !isVariable && type.startsWith(autoIdNamespace);
  });
  const roles = nodes.flatMap((node) => {
    const role = roleOf(node);
    return role === undefined ? [] : [[node, role] as const];
  });
  const used = new Set<string>();
  const tags = roles.map(([node, role]) => tagLine(nameOf(node, used), role, node));
  const chosen = new Set(roles.map(([{ node }]) => node));
  const others = nodes
    .filter(({ dataType, isVariable, node }) => {
      return isVariable && !chosen.has(node) && dataType !== undefined && isPlain(dataType);
    })
    .map(({ dataType, node, path }) => `${path.join('/')} (${dataType}): ${node}`)
    .slice(0, mostOthers);
  const reader = tags.length === 0 ? readers[0] : undefined;
  return { yaml: deviceText(id, endpoint, tags, reader), others };
}

function deviceText(
  id: string,
  endpoint: string,
  tags: readonly string[],
  reader: BrowsedNode | undefined,
): string {
  const what =
    reader === undefined
      ? ['      tags:', ...(tags.length > 0 ? tags : ['        [] # nothing was recognised'])]
      : [`      scans: { notifier: ${JSON.stringify(reader.node)} } # ${reader.path.join('/')}`];
  return [
    'devices:',
    `  - id: ${id}`,
    `    profile: ${reader === undefined ? 'packml' : 'autoid-rfid'}`,
    '    zone: CHOOSE # one of your zones',
    '    buffers: false',
    '    silentAfterMs: 60000',
    '    opcua:',
    `      endpoint: ${endpoint}`,
    '      samplingMs: 250',
    '      queueSize: 200',
    ...what,
  ].join('\n');
}

function tagLine(name: string, role: Role, { node, path }: BrowsedNode): string {
  const of = `name: ${name}, role: ${role}, node: ${JSON.stringify(node)}`;
  return `        - { ${of} } # ${path.join('/')}`;
}

function roleOf({ dataType = '', isVariable, path, type }: BrowsedNode): Role | undefined {
  if (!isVariable) return undefined;
  if (dataType === packMlTypes.counter) return 'counter';
  if (dataType === packMlTypes.alarm) return 'alarm';
  const name = path.at(-1) ?? '';
  const parent = path.at(-2) ?? '';
  if (dataType === 'NodeId' && name === 'Id' && stateName.test(parent)) return 'state';
  if (whole.test(dataType) && stateName.test(name)) return 'state';
  // What describes a variable or a state machine counts nothing.
  const isProperty = type === 'nsu=http://opcfoundation.org/UA/;i=68';
  if (whole.test(dataType) && !isProperty && countName.test(name)) return 'counter';
  return dataType === 'Boolean' && !isProperty && alarmName.test(name) ? 'alarm' : undefined;
}

function isPlain(dataType: string): boolean {
  return whole.test(dataType) || /^(?:Boolean|Float|Double|String)$/.test(dataType);
}

/** A name for a tag: the last parts of its path that nobody else has. */
function nameOf({ path }: BrowsedNode, used: Set<string>): string {
  const parts = path.filter((part) => part !== 'Id').map((part) => part.replaceAll(/\W+/g, '-'));
  for (let count = 1; count <= parts.length; count += 1) {
    const name = slug(parts.slice(-count).join('-'));
    if (name === '' || used.has(name)) continue;
    used.add(name);
    return name;
  }
  const name = slug(`tag-${used.size + 1}`);
  used.add(name);
  return name;
}

/** As names of this project are written: small letters, digits and dashes, up to 40. */
export function slug(text: string): string {
  return text
    .replaceAll(/([a-z\d])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll(/[^a-z\d]+/g, '-')
    .slice(-40)
    .replaceAll(/^-+|-+$/g, '');
}
