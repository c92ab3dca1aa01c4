import { isAbsolute, resolve } from 'node:path';
import { isMap, LineCounter, parseDocument, type Document } from 'yaml';
import { describeFaults, type ConfigFault } from '#contracts/config-faults.ts';
import { Fault, refuse, succeed, type Result } from '#contracts/fault.ts';
import { hubConfig, type HubConfig } from './hub-config.ts';

/** A fault of the file with the line it stands on, counted from 1. */
export type FileFault = Omit<ConfigFault, 'keys'> & { readonly line: number | null };

/**
 * Reads the text of a hub config file. Relative paths become absolute, from `baseDir`.
 *
 * @returns the config, or CONFIG_INVALID with every fault at once in `details.faults`.
 */
export function parseHubConfig(text: string, baseDir: string): Result<HubConfig> {
  const lines = new LineCounter();
  // No aliases: a few lines of them can unfold into gigabytes.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = document.errors.map((error) => ({
    path: '',
    value: undefined,
    remedy: `write valid YAML: ${error.message}`,
    line: lines.linePos(error.pos[0]).line,
  }));
  if (broken.length > 0) return refuseFaults(broken);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 0 }) as unknown;
  } catch {
    return refuseFaults([{ path: '', value: undefined, remedy: 'use no aliases', line: null }]);
  }
  const ofForm = describeFaults(hubConfig, value);
  const further = crossFaults(value).filter(({ path }) => ofForm.every((one) => one.path !== path));
  const all = [...ofForm, ...further];
  if (all.length === 0) return succeed(withAbsolutePaths(value as HubConfig, baseDir));
  return refuseFaults(
    all.map(({ keys, ...fault }) => ({ ...fault, line: lineOf(document, lines, keys) })),
  );
}

function refuseFaults(faults: readonly FileFault[]) {
  const [first] = faults;
  const where = first === undefined || first.path === '' ? 'the file' : first.path;
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  return refuse('CONFIG_INVALID', `${where}: ${first?.remedy ?? 'does not fit'}${more}`, {
    faults,
  });
}

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/;

/** Settings as they may stand in a file, of any type. */
type Loose<K extends string> = { readonly [N in K]?: unknown } | null | undefined;

/** What the schema cannot say: how settings must fit together, where they can be read. */
function crossFaults(value: unknown): ConfigFault[] {
  const { http, natsServer } = (value ?? {}) as {
    readonly http?: Loose<'host' | 'port' | 'publicUrl'>;
    readonly natsServer?: (Loose<'host' | 'port'> & { readonly tls?: ClientCheck }) | null;
  };
  return [
    ...httpHostFaults(http),
    ...portFaults(http, natsServer),
    ...clientCaFaults(natsServer?.tls),
  ];
}

type ClientCheck = Loose<'verifyClients' | 'caFile'>;

function clientCaFaults(tls: ClientCheck): ConfigFault[] {
  if (tls?.verifyClients !== true || tls.caFile !== undefined) return [];
  return [
    {
      path: 'natsServer.tls.caFile',
      keys: ['natsServer', 'tls'],
      value: undefined,
      remedy: 'name the CA that signs the certificates of gateways, or leave verifyClients out',
    },
  ];
}

function httpHostFaults(http: Loose<'host' | 'publicUrl'>): ConfigFault[] {
  const { host, publicUrl } = http ?? {};
  if (typeof host !== 'string' || loopback.test(host)) return [];
  if (typeof publicUrl === 'string' && publicUrl.startsWith('https://')) return [];
  return [
    {
      path: 'http.host',
      keys: ['http', 'host'],
      value: host,
      remedy:
        'use 127.0.0.1, or put a TLS proxy in front and set http.publicUrl to its https address: ' +
        'sign-in must not cross a network unencrypted',
    },
  ];
}

/** Two servers cannot listen on one port, unless it is one of two different addresses. */
function portFaults(http: Loose<'host' | 'port'>, nats: Loose<'host' | 'port'>): ConfigFault[] {
  const port = nats?.port;
  if (typeof port !== 'number' || port !== http?.port) return [];
  if (!overlap(http.host, nats?.host)) return [];
  return [
    {
      path: 'natsServer.port',
      keys: ['natsServer', 'port'],
      value: port,
      remedy: `use another port than http.port, which is ${port} too, and name it in nats.servers`,
    },
  ];
}

const everyAddress = /^(0\.0\.0\.0|::|\[::\])$/;

function overlap(one: unknown, other: unknown): boolean {
  if (typeof one !== 'string' || typeof other !== 'string') return false;
  if (one === other || everyAddress.test(one) || everyAddress.test(other)) return true;
  return loopback.test(one) && loopback.test(other);
}

function lineOf(document: Document, lines: LineCounter, keys: ConfigFault['keys']): number | null {
  const parent = keys.length > 1 ? document.getIn(keys.slice(0, -1), true) : document.contents;
  const last = keys.at(-1);
  // A key's own line, also where its value begins on a later one.
  const pair = isMap(parent) ? parent.items.find((item) => String(item.key) === last) : undefined;
  const node: unknown = pair?.key ?? document.getIn(keys, true) ?? parent;
  const range = (node as { range?: readonly number[] | null } | null)?.range;
  return range?.[0] === undefined ? null : lines.linePos(range[0]).line;
}

function withAbsolutePaths(config: HubConfig, baseDir: string): HubConfig {
  const absolute = (path: string) => (isAbsolute(path) ? path : resolve(baseDir, path));
  const { natsServer, consoleDir, nats, enrolment } = config;
  const paths = <T extends Readonly<Record<string, unknown>>>(of: T): T =>
    absoluteFiles(of, absolute);
  return {
    ...config,
    store: { file: absolute(config.store.file) },
    keysDir: absolute(config.keysDir),
    nats: { ...nats, ...(nats.tls && { tls: paths(nats.tls) }) },
    ...(enrolment !== undefined && { enrolment: paths(enrolment) }),
    ...(natsServer !== undefined && {
      natsServer: {
        ...natsServer,
        ...(natsServer.tls && { tls: paths(natsServer.tls) }),
        configFile: absolute(natsServer.configFile),
        storeDir: absolute(natsServer.storeDir),
        ...(natsServer.pidFile !== undefined && { pidFile: absolute(natsServer.pidFile) }),
      },
    }),
    ...(consoleDir !== undefined && { consoleDir: absolute(consoleDir) }),
  };
}

/** Every setting whose name ends in `File`. */
function absoluteFiles<T extends Readonly<Record<string, unknown>>>(
  of: T,
  absolute: (path: string) => string,
): T {
  const entries = Object.entries(of).map(([key, value]) => [
    key,
    key.endsWith('File') && typeof value === 'string' ? absolute(value) : value,
  ]);
  return Object.fromEntries(entries) as T;
}

/** A refused config as a fault, for callers that cannot go on without one. */
export function configFault(file: string, refusal: { message: string; details?: object }): Fault {
  return new Fault('CONFIG_INVALID', `${file}: ${refusal.message}`, {
    details: { file, ...refusal.details },
  });
}
