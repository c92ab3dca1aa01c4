import { namePattern } from '#contracts/ids.ts';
import { autoIdRfid } from '../../devices/autoid/profile.ts';
import { parseNodeAddress } from '../../devices/plc/node-address.ts';
import type { ConfigFault } from '#contracts/config-fault.ts';
import type { DeviceConfig, GatewayConfig } from './gateway-config.ts';
import type { OpcUaTagConfig, PlcLine, PlcTemplate } from './opcua-config.ts';
import { placeholdersOf, valuesOf } from './plc-template.ts';
import type { Sound } from '#contracts/sound-part.ts';

type SoundOpcUa = NonNullable<Sound<DeviceConfig>['opcua']>;
type Tags = readonly (Sound<OpcUaTagConfig> | undefined)[];
type Templates = ReadonlyMap<string, Sound<PlcTemplate>>;

/** The names that events of a PLC come under. */
export const eventChannels = { alarms: 'alarms', scans: 'scans' } as const;

const nameShape = new RegExp(namePattern);

/** What is wrong with the tags of PLCs and the templates that they are made from. */
export function plcFaults({
  devices = [],
  plcTemplates = [],
}: Sound<GatewayConfig>): ConfigFault[] {
  const templates: Templates = new Map(
    plcTemplates.flatMap((one) => (one?.id === undefined ? [] : [[one.id, one] as const])),
  );
  return [
    ...sameNames('/plcTemplates', 'id', plcTemplates),
    ...plcTemplates.flatMap((template, index) => [
      ...nodeFaults(`/plcTemplates/${index}/tags`, template?.tags ?? []),
      ...sameNames(`/plcTemplates/${index}/tags`, 'name', template?.tags ?? []),
    ]),
    ...devices.flatMap((device, index) =>
      device?.opcua === undefined
        ? []
        : [
            ...emptyFaults(`/devices/${index}/opcua`, device.profile, device.opcua),
            ...deviceFaults(`/devices/${index}/opcua`, device.opcua, templates),
          ],
    ),
  ];
}

function deviceFaults(path: string, opcua: SoundOpcUa, templates: Templates): ConfigFault[] {
  const { lines = [], tags = [] } = opcua;
  return [
    ...nodeFaults(`${path}/tags`, tags),
    ...notifierFaults(`${path}/alarms`, opcua.alarms),
    ...notifierFaults(`${path}/scans`, opcua.scans),
    ...lines.flatMap((line, index) => lineFaults(`${path}/lines/${index}`, line, templates)),
    ...tagNameFaults(path, opcua, templates),
  ];
}

/** An AutoID reader has its scans; every other server is asked for what is written down. */
function emptyFaults(path: string, profile: string | undefined, opcua: SoundOpcUa): ConfigFault[] {
  const { alarms, lines = [], scans, tags = [] } = opcua;
  const isScanned = scans !== undefined || profile === autoIdRfid.id;
  if (isScanned || alarms !== undefined || lines.length + tags.length > 0) return [];
  const remedy = 'Add tags, lines of a template, or alarms.';
  return [{ path, value: undefined, message: 'has nothing to read', remedy }];
}

/** A namespace index is no name: the server may number its namespaces anew at any start. */
function nodeFaults(path: string, tags: Tags): ConfigFault[] {
  return tags.flatMap((tag, index) => nodeFault(`${path}/${index}/node`, tag?.node));
}

function notifierFaults(
  path: string,
  source: { readonly notifier?: string | undefined } | undefined,
): ConfigFault[] {
  return nodeFault(`${path}/notifier`, source?.notifier);
}

function nodeFault(path: string, node: string | undefined): ConfigFault[] {
  if (node === undefined || parseNodeAddress(node) !== undefined) return [];
  const message = 'is no node by its namespace URI';
  const remedy = 'Write nsu=<namespace URI>;s=… or nsu=…;i=…; an index as in ns=4 may change.';
  return [{ path, value: node, message, remedy }];
}

function lineFaults(
  path: string,
  line: Sound<PlcLine> | undefined,
  templates: Templates,
): ConfigFault[] {
  const { name = '', template: id, with: given = {} } = line ?? {};
  if (id === undefined) return [];
  const template = templates.get(id);
  if (template === undefined) {
    const remedy = `Add it under plcTemplates, or use one of: ${[...templates.keys()].join(', ')}.`;
    return [{ path: `${path}/template`, value: id, message: 'names no PLC template', remedy }];
  }
  const values = valuesOf({ name, with: given as Record<string, string | number> });
  const tags = (template.tags ?? []).map((tag) => ({
    node: tag?.node ?? '',
    text: tag?.text ?? '',
  }));
  const used = placeholdersOf({ tags });
  const missing = [...used].filter((key) => !values.has(key));
  const unused = Object.keys(given).filter((key) => !used.has(key));
  return [
    ...missing.map((key) => ({
      path: `${path}/with`,
      value: undefined,
      message: `has no value for {${key}} of template ${id}`,
      remedy: `Add ${key}.`,
    })),
    ...unused.map((key) => ({
      path: `${path}/with/${key}`,
      value: given[key],
      message: `is used by no tag of template ${id}`,
      remedy: `Remove it, or write {${key}} in the template.`,
    })),
  ];
}

/** Tags of lines are named by line and tag: too long, or the same as another, they cannot be. */
function tagNameFaults(path: string, opcua: SoundOpcUa, templates: Templates): ConfigFault[] {
  const { lines = [], tags = [] } = opcua;
  const named = [
    ...tags.map((tag, index) => [`${path}/tags/${index}/name`, tag?.name] as const),
    ...lines.flatMap((line, index) => {
      const template = templates.get(line?.template ?? '');
      return (template?.tags ?? []).map((tag) => {
        const isNamed = line?.name !== undefined && tag?.name !== undefined;
        const name = isNamed ? `${line.name}-${tag.name}` : undefined;
        return [`${path}/lines/${index}/name`, name] as const;
      });
    }),
  ];
  const reserved = (['alarms', 'scans'] as const).filter((key) => opcua[key] !== undefined);
  const firstAt = new Map<string, string>(
    reserved.map((key) => [eventChannels[key], `${path}/${key}`]),
  );
  const faults: ConfigFault[] = [];
  for (const [at, name] of named) {
    if (name === undefined) continue;
    const first = firstAt.get(name);
    if (first !== undefined) {
      const message = `gives a tag the name ${name}, as does ${first}`;
      faults.push({ path: at, value: name, message, remedy: 'Give each one a name of its own.' });
    } else if (!nameShape.test(name)) {
      const message = `makes a tag's name of more than 40 characters`;
      faults.push({ path: at, value: name, message, remedy: 'Shorten the line or the tag.' });
    }
    firstAt.set(name, first ?? at);
  }
  return faults;
}

function sameNames<K extends 'id' | 'name'>(
  path: string,
  key: K,
  list: readonly ({ readonly [P in K]?: string | undefined } | undefined)[],
): ConfigFault[] {
  const firstAt = new Map<string, string>();
  return list.flatMap((one, index) => {
    const value: string | undefined = one?.[key];
    if (value === undefined) return [];
    const at = `${path}/${index}/${key}`;
    const first = firstAt.get(value);
    firstAt.set(value, first ?? at);
    if (first === undefined) return [];
    const message = `is the same as ${first}`;
    return [{ path: at, value, message, remedy: 'Give each one a value of its own.' }];
  });
}
