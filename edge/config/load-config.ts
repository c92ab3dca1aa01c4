import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isMap, isPair, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import { messageOf, refuse, succeed, type Result } from '#contracts/fault.ts';
import type { ConfigFault } from './config-fault.ts';
import { crossFaults, type ProfileLookup } from './cross-faults.ts';
import type { GatewayConfig } from './gateway-config.ts';
import { schemaFaults } from './schema-faults.ts';
import { secretFaults } from './secret-faults.ts';
import { soundPart, type Sound } from './sound-part.ts';

/**
 * Reads a gateway's config file. Relative paths in it count from the file's own folder and come out
 * absolute.
 *
 * @returns refusal CONFIG_INVALID with every fault at once in `details.faults`.
 */
export function loadConfig(file: string, profileOf: ProfileLookup): Result<GatewayConfig> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const remedy = 'Name the file with --config.';
    return refused(file, [{ path: '', value: file, message: messageOf(error), remedy }]);
  }
  return parseConfig(text, file, profileOf);
}

/** As `loadConfig`, from text. */
function parseConfig(text: string, file: string, profileOf: ProfileLookup): Result<GatewayConfig> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    return refused(
      file,
      document.errors.map((error) => ({
        path: '',
        line: lines.linePos(error.pos[0]).line,
        value: undefined,
        message: error.message,
        remedy: 'Correct the YAML.',
      })),
    );
  }
  let value: unknown;
  try {
    // A few lines of nested aliases can unfold into gigabytes.
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    const remedy = 'Write out what the aliases stand for.';
    return refused(file, [{ path: '', value: undefined, message: messageOf(error), remedy }]);
  }
  const faults = allFaults(value, dirname(resolve(file)), profileOf);
  if (faults.length > 0) return refused(file, withLines(faults, document, lines));
  return succeed(
    withAbsolutePaths(value as GatewayConfig, dirname(resolve(file))) as GatewayConfig,
  );
}

/** Faults of form, and those between and behind the fields whose form is right. */
function allFaults(value: unknown, folder: string, profileOf: ProfileLookup): ConfigFault[] {
  const ofForm = schemaFaults(value);
  const paths = new Set(ofForm.map(({ path }) => path));
  const sound = soundPart<GatewayConfig>(value, paths);
  if (typeof sound !== 'object') return ofForm;
  const further = [
    ...crossFaults(sound, profileOf),
    ...secretFaults(withAbsolutePaths(sound, folder)),
  ];
  // What is wrong at a path may follow from what is missing there or below.
  const follows = ({ path }: ConfigFault): boolean =>
    ofForm.some((fault) => fault.path === path || fault.path.startsWith(`${path}/`));
  return [...ofForm, ...further.filter((fault) => !follows(fault))];
}

function refused(file: string, faults: readonly ConfigFault[]): Result<GatewayConfig> {
  const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`;
  return refuse('CONFIG_INVALID', `${file} has ${count}`, { faults });
}

/** The faults that a refusal of `loadConfig` carries. */
export function configFaultsOf(details: Readonly<Record<string, unknown>> = {}): ConfigFault[] {
  return (details['faults'] ?? []) as ConfigFault[];
}

function withLines(
  faults: readonly ConfigFault[],
  document: Document,
  lines: LineCounter,
): ConfigFault[] {
  return faults.map((fault) => {
    const offset = offsetOf(document, fault.path.split('/').slice(1));
    return offset === undefined ? fault : { ...fault, line: lines.linePos(offset).line };
  });
}

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

function withAbsolutePaths(config: Sound<GatewayConfig>, folder: string): Sound<GatewayConfig> {
  const absolute = <K extends string>(of: { readonly [P in K]?: string | undefined }, key: K) => {
    const path: string | undefined = of[key];
    return path === undefined ? {} : { [key]: resolve(folder, path) };
  };
  const { hub, http, devices } = config;
  return {
    ...config,
    ...absolute(config, 'dataDir'),
    ...(hub && {
      hub: { ...hub, ...absolute(hub, 'loginSeedFile'), ...absolute(hub, 'signingKeyFile') },
    }),
    ...(http && { http: { ...http, ...absolute(http, 'tokenFile') } }),
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
