import { dirname, resolve } from 'node:path';
import { isMap, isPair, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import { messageOf, refuse, succeed, type Result } from '#contracts/fault.ts';
import { systemClock } from '../clock.ts';
import { formFaults, lineFound, type ConfigFault } from '#contracts/config-fault.ts';
import { configWarnings } from './config-warnings.ts';
import { crossFaults, type ProfileLookup } from './cross-faults.ts';
import type { FeedConfig } from './feed-config.ts';
import { feedFolderFaults } from './feed-faults.ts';
import { gatewayConfig, type GatewayConfig } from './gateway-config.ts';
import { readConfigFile } from './read-config-file.ts';
import { secretFaults } from './secret-faults.ts';
import { soundPart, type Sound } from '#contracts/sound-part.ts';

/** What a config file says, and all that is wrong or odd about it. */
export interface ConfigCheck {
  /** Absolute. Relative paths in the file count from its folder. */
  readonly file: string;
  /** With absolute paths; undefined where there is a fault. */
  readonly config: GatewayConfig | undefined;
  readonly faults: readonly ConfigFault[];
  /** What works and is probably not meant. */
  readonly warnings: readonly ConfigFault[];
  /** Absolute, also where the rest has faults, as far as it can be read. */
  readonly dataDir: string | undefined;
}

/**
 * Reads a gateway's config file. Relative paths in it count from the file's own folder and come out
 * absolute.
 *
 * @returns refusal CONFIG_INVALID with every fault at once in `details.faults`.
 */
export function loadConfig(file: string, profileOf: ProfileLookup): Result<GatewayConfig> {
  return configOf(checkConfigFile(file, profileOf));
}

/** The config of a check, or a refusal CONFIG_INVALID with its faults. */
export function configOf({ config, faults, file }: ConfigCheck): Result<GatewayConfig> {
  if (config !== undefined) return succeed(config);
  const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`;
  return refuse('CONFIG_INVALID', `${file} has ${count}`, { faults });
}

/** Looks a file through: every fault and every warning, each with its line and column. */
export function checkConfigFile(file: string, profileOf: ProfileLookup): ConfigCheck {
  const read = readConfigFile(file);
  if (read.ok) return checkConfigText(read.value, file, profileOf);
  const { message } = read.refusal;
  const remedy = 'Name a YAML file that is there and can be read.';
  const faults = [{ path: '', value: file, message, remedy }];
  return { file: resolve(file), config: undefined, faults, warnings: [], dataDir: undefined };
}

/** As `checkConfigFile`, for a text that stands, or is to stand, in `file`. */
export function checkConfigText(text: string, file: string, profileOf: ProfileLookup): ConfigCheck {
  const absolute = resolve(file);
  const folder = dirname(absolute);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const value = valueOf(document);
  const dataDir = dataDirIn(value, folder);
  const found = { file: absolute, config: undefined, warnings: [], dataDir };
  if (document.errors.length > 0) {
    const faults = document.errors.map((error) => {
      const { line, col: column } = lines.linePos(error.pos[0]);
      const { message } = error;
      const value = lineFound(text, line);
      return { path: '', line, column, value, message, remedy: 'Correct the YAML.' };
    });
    return { ...found, faults };
  }
  if (value instanceof Error) {
    const remedy = 'Write out what the aliases stand for.';
    return { ...found, faults: [{ path: '', value: undefined, message: value.message, remedy }] };
  }
  const faults = configFaults(value, folder, profileOf);
  if (faults.length > 0) {
    return { ...found, faults: withLines(withNames(faults, value), document, lines) };
  }
  const config = withAbsolutePaths(value as GatewayConfig, folder) as GatewayConfig;
  const odd = configWarnings(config, profileOf, systemClock.nowMs());
  const warnings = withLines(withNames(odd, value), document, lines);
  return { ...found, config, faults, warnings };
}

/** A few lines of nested aliases can unfold into gigabytes: that is an error, returned. */
function valueOf(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}

function dataDirIn(value: unknown, folder: string): string | undefined {
  if (typeof value !== 'object' || value === null || !('dataDir' in value)) return undefined;
  return typeof value.dataDir === 'string' ? resolve(folder, value.dataDir) : undefined;
}

/**
 * Faults of form, and those between and behind the fields whose form is right, without lines.
 *
 * @param folder where relative paths begin
 */
export function configFaults(
  value: unknown,
  folder: string,
  profileOf: ProfileLookup,
): ConfigFault[] {
  const ofForm = formFaults(gatewayConfig, value);
  const paths = new Set(ofForm.map(({ path }) => path));
  const sound = soundPart<GatewayConfig>(value, paths);
  if (typeof sound !== 'object') return ofForm;
  const further = [
    ...crossFaults(sound, profileOf),
    ...secretFaults(withAbsolutePaths(sound, folder)),
    ...feedFolderFaults(withAbsolutePaths(sound, folder).feed),
  ];
  // What is wrong at a path may follow from what is missing there or below.
  const follows = ({ path }: ConfigFault): boolean =>
    ofForm.some((fault) => fault.path === path || fault.path.startsWith(`${path}/`));
  return [...ofForm, ...further.filter((fault) => !follows(fault))];
}

/** The faults that a refusal of `loadConfig` carries. */
export function configFaultsOf(details: Readonly<Record<string, unknown>> = {}): ConfigFault[] {
  return (details['faults'] ?? []) as ConfigFault[];
}

/** Faults with the lines at which their paths stand in another text. */
export function locateFaults(faults: readonly ConfigFault[], text: string): ConfigFault[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  return withLines(faults, document, lines);
}

function withLines(
  faults: readonly ConfigFault[],
  document: Document,
  lines: LineCounter,
): ConfigFault[] {
  return faults.map((fault) => {
    const offset = offsetOf(document, fault.path.split('/').slice(1));
    if (offset === undefined) return fault;
    const { line, col: column } = lines.linePos(offset);
    return { ...fault, line, column };
  });
}

/** Places in a list say little to a person; what stands there has a name. */
function withNames(faults: readonly ConfigFault[], value: unknown): ConfigFault[] {
  return faults.map((fault) => {
    const [, list = '', index, ...below] = fault.path.split('/');
    const entry = ((value as Named | null)?.[list] as readonly Named[] | undefined)?.[
      Number(index)
    ];
    const name = entry?.['id'] ?? entry?.['item'];
    const isShown = typeof name === 'string' && name !== fault.value && below.length > 0;
    return isShown ? { ...fault, name } : fault;
  });
}

type Named = Readonly<Record<string, unknown>> | undefined;

/** Where the deepest part of a path that is in the file begins: of a key, the key itself. */
function offsetOf(document: Document, parts: readonly string[]): number | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const part of parts) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && String(item.key) === part);
      if (pair === undefined) return offset;
      offset = rangeStart(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      offset = rangeStart(node) ?? offset;
    } else return offset;
  }
  return offset;
}

function rangeStart(node: unknown): number | undefined {
  return (node as { range?: readonly number[] } | undefined)?.range?.[0];
}

function absoluteIn(folder: string) {
  return <K extends string>(of: { readonly [P in K]?: string | undefined }, key: K) => {
    const path: string | undefined = of[key];
    return path === undefined ? {} : { [key]: resolve(folder, path) };
  };
}

function withAbsolutePaths(config: Sound<GatewayConfig>, folder: string): Sound<GatewayConfig> {
  const absolute = absoluteIn(folder);
  const { hub, http, feed, floor, devices, mqtt: listeners } = config;
  return {
    ...config,
    ...absolute(config, 'dataDir'),
    ...(hub && {
      hub: {
        ...hub,
        ...absolute(hub, 'loginSeedFile'),
        ...absolute(hub, 'signingKeyFile'),
        ...(hub.tls && {
          tls: {
            ...hub.tls,
            ...absolute(hub.tls, 'caFile'),
            ...absolute(hub.tls, 'certFile'),
            ...absolute(hub.tls, 'keyFile'),
          },
        }),
      },
    }),
    ...(http && { http: { ...http, ...absolute(http, 'tokenFile') } }),
    ...(listeners?.tls && {
      mqtt: {
        ...listeners,
        tls: {
          ...listeners.tls,
          ...absolute(listeners.tls, 'certFile'),
          ...absolute(listeners.tls, 'keyFile'),
          ...absolute(listeners.tls, 'clientCaFile'),
        },
      },
    }),
    ...(feed && { feed: withAbsoluteFeed(feed, folder) }),
    ...(floor && { floor: { ...floor, ...absolute(floor, 'peopleFile') } }),
    ...(devices && {
      devices: devices.map((device) => {
        if (device === undefined) return undefined;
        const { mqtt, opcua, http: posts } = device;
        return {
          ...device,
          ...(mqtt && { mqtt: { ...mqtt, ...absolute(mqtt, 'passwordFile') } }),
          ...(opcua && { opcua: { ...opcua, ...absolute(opcua, 'passwordFile') } }),
          ...(posts && { http: { ...posts, ...absolute(posts, 'tokenFile') } }),
        };
      }),
    }),
  };
}

function withAbsoluteFeed(feed: Sound<FeedConfig>, folder: string): Sound<FeedConfig> {
  const absolute = absoluteIn(folder);
  return {
    ...feed,
    ...absolute(feed, 'tokenFile'),
    ...absolute(feed, 'documentsFolder'),
    ...(feed.targets && {
      targets: feed.targets.map((target) => {
        if (target === undefined) return undefined;
        const { file, mqtt, webhook } = target;
        return {
          ...target,
          ...(file && { file: { ...file, ...absolute(file, 'folder') } }),
          ...(mqtt && { mqtt: { ...mqtt, ...absolute(mqtt, 'passwordFile') } }),
          ...(webhook && { webhook: { ...webhook, ...absolute(webhook, 'secretFile') } }),
        };
      }),
    }),
  };
}
