import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  importsAtRunTime,
  importsOf,
  packageOf,
  root,
  sourceFiles,
  targetOf,
  withoutComments,
  type SourceFile,
} from './source-tree.ts';

const files = sourceFiles();
const code = files.filter(({ path }) => /\.(?:ts|mjs)$/.test(path));
const isTest = (path: string) => /\.(?:test|bench)\.ts$|\/(?:fixtures|testing)\//.test(path);

/** Which part of the project a path belongs to. The floor page is part of web. */
function partOf(path: string): string {
  return path.startsWith('hub/contracts/') ? 'contracts' : (path.split('/')[0] ?? '');
}

/** The import matrix: part → parts of ours that it may import besides itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  devices: ['contracts'],
  edge: ['devices', 'contracts'],
  hub: ['contracts'],
  web: ['contracts'],
  simulators: ['devices', 'contracts'],
  deploy: [],
};

/**
 * The fault campaign runs the very code of gateway and hub, on time, disks and networks of its own;
 * so it may reach those of their files that do no I/O, and nothing else.
 */
const isCampaign = (path: string) => path.startsWith('simulators/campaign/');
const mayCompute = new Set([
  'node:crypto',
  'node:path',
  'node:zlib',
  'sparkplug-payload',
  'typebox',
]);

/** Part → npm packages that it may import. Tests and benches may also use the tools of `testing`. */
const mayUse: Readonly<Record<string, readonly string[]>> = {
  contracts: ['typebox'],
  devices: ['node-opcua', 'sparkplug-payload'],
  edge: [
    '@nats-io/jetstream',
    '@nats-io/nkeys',
    '@nats-io/transport-node',
    'aedes',
    'better-sqlite3',
    'fastify',
    'mqtt',
    'pino',
    'prom-client',
    'typebox',
    'yaml',
  ],
  hub: [
    '@fastify/cookie',
    '@fastify/static',
    '@fastify/swagger',
    '@fastify/type-provider-typebox',
    '@nats-io/jetstream',
    '@nats-io/nkeys',
    '@nats-io/transport-node',
    'better-sqlite3',
    'fastify',
    'kysely',
    'pino',
    'prom-client',
    'typebox',
    'yaml',
  ],
  web: [
    '@vaadin/button',
    '@vaadin/grid',
    '@vaadin/password-field',
    '@vaadin/select',
    '@vaadin/text-field',
    'lit',
    'vite',
  ],
  simulators: ['mqtt', 'node-opcua', 'pino', 'sparkplug-payload', 'typebox', 'yaml'],
  deploy: ['vitest'],
};
const testing = [
  '@nats-io/jetstream',
  '@nats-io/nkeys',
  '@nats-io/transport-node',
  'axe-core',
  'fast-check',
  'mqtt',
  'mqtt-packet',
  'node-opcua',
  'pino',
  'playwright-core',
  'sparkplug-payload',
  'vitest',
];

describe('the source tree', () => {
  test('is seen whole by this test', () => {
    expect(code.length).toBeGreaterThan(60);
    for (const part of Object.keys(mayImport)) {
      expect(
        code.some(({ path }) => partOf(path) === part),
        part,
      ).toBe(true);
    }
  });

  test('keeps to the import matrix', () => {
    const faults = code.flatMap((file) =>
      importsOf(file).flatMap((specifier) => {
        const target = targetOf(file, specifier);
        if (target === undefined) return [];
        const [from, to] = [partOf(file.path), partOf(target)];
        const isReached = isCampaign(file.path) && (to === 'edge' || to === 'hub');
        const allowed = from === to || isReached || (mayImport[from] ?? []).includes(to);
        return allowed ? [] : [`${file.path} imports ${target}: ${from} may not import ${to}`];
      }),
    );
    expect(faults).toEqual([]);
  });

  test('lets the fault campaign reach no I/O of gateway and hub', () => {
    const byPath = new Map(code.map((file) => [file.path, file]));
    const campaign = code.filter(({ path }) => isCampaign(path) && !isTest(path));
    expect(campaign.length).toBeGreaterThan(10);
    const reached = new Set<SourceFile>();
    const todo = campaign.flatMap((file) => reachedFrom(file));
    for (let file = todo.pop(); file !== undefined; file = todo.pop()) {
      if (reached.has(file)) continue;
      reached.add(file);
      todo.push(...reachedFrom(file));
    }
    expect(reached.size).toBeGreaterThan(100);
    const faults = [...reached].flatMap((file) =>
      importsAtRunTime(file)
        .filter((name) => !name.startsWith('.') && !name.startsWith('#'))
        .filter((name) => !mayCompute.has(packageOf(name) ?? name))
        .map((name) => `${file.path} imports ${name}`),
    );
    expect(faults).toEqual([]);

    function reachedFrom(file: SourceFile): SourceFile[] {
      return importsAtRunTime(file).flatMap((specifier) => {
        const target = byPath.get(targetOf(file, specifier) ?? '');
        const isOfOthers = target !== undefined && partOf(target.path) !== 'simulators';
        return isOfOthers ? [target] : [];
      });
    }
  });

  test('reaches contracts only as #contracts', () => {
    const faults = code
      .filter(({ path }) => partOf(path) !== 'contracts')
      .flatMap((file) =>
        importsOf(file)
          .filter((specifier) => specifier.startsWith('.'))
          .filter((specifier) => partOf(targetOf(file, specifier) ?? '') === 'contracts')
          .map((specifier) => `${file.path} imports ${specifier}`),
      );
    expect(faults).toEqual([]);
  });

  test('uses in each part only the npm packages named for it', () => {
    const faults = code.flatMap((file) => {
      const part = partOf(file.path);
      const allowed = [...(mayUse[part] ?? []), ...(isTest(file.path) ? testing : [])];
      return importsOf(file)
        .map(packageOf)
        .filter((name) => name !== undefined)
        .filter((name) => !allowed.includes(name))
        .map((name) => `${file.path} imports ${name}`);
    });
    expect(faults).toEqual([]);
  });

  test('wraps Vaadin once: screens never import it', () => {
    const faults = code
      .filter(({ path }) => path.startsWith('web/') && !/^web\/(?:ui|theme)\//.test(path))
      .filter((file) => importsOf(file).some((specifier) => specifier.startsWith('@vaadin/')));
    expect(faults.map(({ path }) => path)).toEqual([]);
  });

  test('resolves every relative import to a file', () => {
    const faults = code.flatMap((file) =>
      importsOf(file)
        .map((specifier) => targetOf(file, specifier.replace(/\?.*$/, '')))
        .filter((target) => target !== undefined)
        .filter((target) => !existsSync(root + target) && !target.startsWith('web/dist'))
        .map((target) => `${file.path} imports ${target}`),
    );
    expect(faults).toEqual([]);
  });

  test('keeps contracts pure: no node modules, no DOM, no clock, no randomness', () => {
    const faults = code
      .filter(({ path }) => partOf(path) === 'contracts' && !isTest(path))
      .filter(
        (file) =>
          importsOf(file).some((specifier) => specifier.startsWith('node:')) ||
          // Behind a quote it is the name of an event kind.
          /(?<!')\b(?:Date\.now|Math\.random|new Date\(|process\.|Buffer\.|document\.|window\.)/.test(
            withoutComments(file.text),
          ),
      );
    expect(faults.map(({ path }) => path)).toEqual([]);
  });

  test('keeps files within their length', () => {
    const faults = code
      .filter(({ path }) => !path.includes('/fixtures/'))
      .filter(({ path, lines }) => lines > (isTest(path) ? 600 : 400))
      .map(({ path, lines }) => `${path}: ${lines} lines`);
    expect(faults).toEqual([]);
    const lengths = code
      .filter(({ path }) => !isTest(path))
      .map(({ lines }) => lines)
      .sort((a, b) => a - b);
    expect(lengths[lengths.length >> 1]).toBeLessThanOrEqual(130);
  });

  test('names files in kebab-case and has no folder of leftovers', () => {
    const faults = code
      .map(({ path }) => path)
      .filter(
        (path) =>
          !/^(?:[a-z0-9-]+\/)*[a-z0-9-]+(?:\.(?:test|bench|config))?\.(?:ts|mjs)$/.test(path) ||
          /(?:^|\/)(?:utils|types|common|helpers|misc)(?:\/|$)/.test(path),
      );
    expect(faults).toEqual([]);
  });

  test('has no enums, namespaces, default exports or left-over marks', () => {
    const banned: readonly (readonly [RegExp, string])[] = [
      [/^\s*(?:export\s+)?(?:const\s+)?enum\s/m, 'enum'],
      [/^\s*(?:export\s+)?namespace\s/m, 'namespace'],
      [/^\s*export\s+\*\s+from/m, 'barrel'],
      [/\b(?:TODO|FIXME|XXX|HACK)\b/, 'left-over mark'],
      [/\b(?:it|test|describe)\.(?:only|todo)\(/, 'test that is not run'],
    ];
    const faults = code
      .filter(({ path }) => path !== 'deploy/tooling/tidy.test.ts')
      .flatMap((file) =>
        banned
          .filter(([shape]) => shape.test(file.text))
          .map(([, what]) => `${file.path}: ${what}`),
      );
    expect(faults).toEqual([]);
  });

  test('explains every folder in a README of at most 30 lines', () => {
    const folders = new Set(
      code
        .map(({ path }) => posix.dirname(path))
        .filter((folder) => folder !== '.' && !/(?:fixtures|testing)(?:\/|$)/.test(folder)),
    );
    const faults = [...folders].flatMap((folder) => {
      const readme = `${root}${folder}/README.md`;
      if (!existsSync(readme)) return [`${folder} has no README.md`];
      const lines = readFileSync(readme, 'utf8').trimEnd().split('\n').length;
      return lines > 30 ? [`${folder}/README.md has ${lines} lines`] : [];
    });
    expect(faults).toEqual([]);
  });
});

/** Static imports reachable from an asset, itself included. */
function staticGraph(assets: string, entry: string, seen = new Set<string>()): Set<string> {
  if (seen.has(entry)) return seen;
  seen.add(entry);
  const text = readFileSync(posix.join(assets, entry), 'utf8');
  for (const match of text.matchAll(
    /(?:import|export)\s*(?:[^"'()]*?from\s*)?["']\.\/([^"']+)["']/g,
  )) {
    if (match[1] !== undefined) staticGraph(assets, match[1], seen);
  }
  return seen;
}

describe('the console bundle', () => {
  const budgetBytes = 130 * 1024;

  test('loads at most 130 kB of gzip JavaScript before the first screen shows', () => {
    const dist = `${root}web/dist`;
    const index = readFileSync(`${dist}/index.html`, 'utf8');
    const entry = /<script[^>]+src="\/assets\/([^"]+\.js)"/.exec(index)?.[1] ?? '';
    const manifest = JSON.parse(readFileSync(`${dist}/.vite/manifest.json`, 'utf8')) as Record<
      string,
      { file: string; name?: string }
    >;
    const first = Object.entries(manifest).find(([source]) => source.endsWith('stock-screen.ts'));
    expect(first, 'the stock screen is in the manifest').toBeDefined();
    const assets = `${dist}/assets`;
    const loaded = staticGraph(assets, entry);
    staticGraph(assets, posix.basename(first?.[1].file ?? ''), loaded);
    expect(loaded.size).toBeGreaterThan(1);
    const bytes = [...loaded].reduce(
      (sum, name) => sum + gzipSync(readFileSync(`${assets}/${name}`)).length,
      0,
    );
    expect(bytes).toBeLessThanOrEqual(budgetBytes);
    expect(bytes).toBeGreaterThan(20_000);
  });

  test('asks no other origin for anything', () => {
    const dist = `${root}web/dist`;
    const index = readFileSync(`${dist}/index.html`, 'utf8');
    expect(index).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });
});

describe('what the project says', () => {
  const texts: SourceFile[] = files;

  test('names no machine path', () => {
    const faults = texts.filter(({ text }) => /\/(?:work|root|home\/[a-z]+)\/(?!\*)/.test(text));
    expect(
      faults.map(({ path }) => path).filter((path) => path !== 'deploy/tooling/tidy.test.ts'),
    ).toEqual([]);
  });
});
