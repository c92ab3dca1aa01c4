import { isIP } from 'node:net';
import { isAbsolute, resolve } from 'node:path';
import { isMap, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import { formFaults, lineFound, type ConfigFault } from '#contracts/config-fault.ts';
import { soundPart, type Sound } from '#contracts/sound-part.ts';
import { hubConfig, type HubConfig } from './hub-config.ts';

/** What the text of a config file says, and all that is wrong with it as a text. */
export interface ParsedHubConfig {
  /** Undefined where there is a fault. Its paths are absolute, as those of `sound`. */
  readonly config: HubConfig | undefined;
  /** What fits of a file that has faults, so that what lies behind it can be looked through too. */
  readonly sound: Sound<HubConfig>;
  readonly faults: readonly ConfigFault[];
  /** Adds to faults found elsewhere where in the text they stand. */
  readonly locate: (faults: readonly ConfigFault[]) => ConfigFault[];
}

/** Reads the text of a hub config file. Relative paths become absolute, from `baseDir`. */
export function parseHubConfig(text: string, baseDir: string): ParsedHubConfig {
  const lines = new LineCounter();
  // No aliases: a few lines of them can unfold into gigabytes.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    return unreadable(
      document.errors.map(({ pos, message }) => {
        const { line, col: column } = lines.linePos(pos[0]);
        const value = lineFound(text, line);
        return { path: '', line, column, value, message, remedy: 'Correct the YAML.' };
      }),
    );
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 0 }) as unknown;
  } catch {
    const remedy = 'Write out what the aliases stand for.';
    return unreadable([{ path: '', value: undefined, message: 'uses aliases', remedy }]);
  }
  const ofForm = formFaults(hubConfig, value);
  const further = crossFaults(value).filter(({ path }) => ofForm.every((one) => one.path !== path));
  const locate = (faults: readonly ConfigFault[]) =>
    faults.map((fault) => ({ ...fault, ...placeOf(document, lines, fault.path) }));
  const faults = locate([...ofForm, ...further]);
  const fitting = soundPart<HubConfig>(value, new Set(ofForm.map(({ path }) => path)));
  const isObject = typeof fitting === 'object' && fitting !== null && !Array.isArray(fitting);
  const sound = withAbsolutePaths(isObject ? fitting : {}, baseDir);
  return { config: faults.length === 0 ? (sound as HubConfig) : undefined, sound, faults, locate };
}

function unreadable(faults: readonly ConfigFault[]): ParsedHubConfig {
  return { config: undefined, sound: {}, faults, locate: (further) => [...further] };
}

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/;

/** Settings as they may stand in a file, of any type. */
type Loose<K extends string> = { readonly [N in K]?: unknown } | null | undefined;

/** What the schema cannot say: how settings must fit together, where they can be read. */
function crossFaults(value: unknown): ConfigFault[] {
  const { http, natsServer } = (value ?? {}) as {
    readonly http?: Loose<'host' | 'port' | 'publicUrl' | 'trustedProxies'>;
    readonly natsServer?: (Loose<'host' | 'port'> & { readonly tls?: ClientCheck }) | null;
  };
  return [
    ...httpHostFaults(http),
    ...proxyFaults(http),
    ...portFaults(http, natsServer),
    ...clientCaFaults(natsServer?.tls),
  ];
}

type ClientCheck = Loose<'verifyClients' | 'caFile'>;

function clientCaFaults(tls: ClientCheck): ConfigFault[] {
  if (tls?.verifyClients !== true || tls.caFile !== undefined) return [];
  return [
    {
      path: '/natsServer/tls/caFile',
      value: undefined,
      message: 'is missing',
      remedy: 'Name the CA that signs the certificates of gateways, or leave verifyClients out.',
    },
  ];
}

function httpHostFaults(http: Loose<'host' | 'publicUrl'>): ConfigFault[] {
  const { host, publicUrl } = http ?? {};
  if (typeof host !== 'string' || loopback.test(host)) return [];
  if (typeof publicUrl === 'string' && publicUrl.startsWith('https://')) return [];
  return [
    {
      path: '/http/host',
      value: host,
      message: 'lets sign-in cross a network unencrypted',
      remedy:
        'Use 127.0.0.1, or put a TLS proxy in front and set http.publicUrl to its https address.',
    },
  ];
}

/** Whom Fastify takes as a proxy: an address, a network, or one of its own words for some. */
function proxyFaults(http: Loose<'trustedProxies'>): ConfigFault[] {
  const given: unknown = http?.trustedProxies;
  if (!Array.isArray(given)) return [];
  return given.flatMap((value: unknown, index) => {
    if (typeof value !== 'string' || isAddresses(value)) return [];
    return [
      {
        path: `/http/trustedProxies/${index}`,
        value,
        message: 'is no address and no network',
        remedy: 'Write it as 10.0.0.7 or 10.0.0.0/8.',
      },
    ];
  });
}

function isAddresses(text: string): boolean {
  if (/^(loopback|linklocal|uniquelocal)$/.test(text)) return true;
  const [address = '', bits, ...more] = text.split('/');
  const width = { 4: 32, 6: 128 }[isIP(address)];
  if (width === undefined || more.length > 0) return false;
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= width)
  );
}

/** Two servers cannot listen on one port, unless it is one of two different addresses. */
function portFaults(http: Loose<'host' | 'port'>, nats: Loose<'host' | 'port'>): ConfigFault[] {
  const port = nats?.port;
  if (typeof port !== 'number' || port !== http?.port) return [];
  if (!overlap(http.host, nats?.host)) return [];
  return [
    {
      path: '/natsServer/port',
      value: port,
      message: 'is http.port too',
      remedy: 'Use another port, and name it in nats.servers.',
    },
  ];
}

const everyAddress = /^(0\.0\.0\.0|::|\[::\])$/;

function overlap(one: unknown, other: unknown): boolean {
  if (typeof one !== 'string' || typeof other !== 'string') return false;
  if (one === other || everyAddress.test(one) || everyAddress.test(other)) return true;
  return loopback.test(one) && loopback.test(other);
}

/** Line and column of the deepest part of a path that is in the file: of a key, the key itself. */
function placeOf(
  document: Document,
  lines: LineCounter,
  path: string,
): { line: number; column: number } | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const part of path.split('/').slice(1)) {
    const pair = isMap(node) ? node.items.find(({ key }) => String(key) === part) : undefined;
    const entry: unknown = isSeq(node) ? node.items[Number(part)] : undefined;
    if (pair === undefined && entry === undefined) break;
    offset = (pair === undefined ? startOf(entry) : startOf(pair.key)) ?? offset;
    node = pair === undefined ? entry : pair.value;
  }
  if (offset === undefined) return undefined;
  const { line, col: column } = lines.linePos(offset);
  return { line, column };
}

function startOf(node: unknown): number | undefined {
  return (node as { range?: readonly number[] | null } | null | undefined)?.range?.[0];
}

/** Every setting that names a file or folder is called so. */
const pathKey = /^file$|File$|Dir$/;

function withAbsolutePaths<T>(of: T, baseDir: string): T {
  if (typeof of !== 'object' || of === null || Array.isArray(of)) return of;
  const entries = Object.entries(of).map(([key, value]: [string, unknown]) => {
    if (!pathKey.test(key) || typeof value !== 'string') {
      return [key, withAbsolutePaths(value, baseDir)];
    }
    return [key, isAbsolute(value) ? value : resolve(baseDir, value)];
  });
  return Object.fromEntries(entries) as T;
}
