import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { expect, onTestFinished, test } from 'vitest';

const project = new URL('../../', import.meta.url).pathname;
const unitFile = new URL('holdfast-gateway@.service', import.meta.url).pathname;

/** The settings of a section; one that is given more than once has all its values. */
function settingsOf(section: string): Map<string, string[]> {
  const settings = new Map<string, string[]>();
  let current = '';
  for (const line of readFileSync(unitFile, 'utf8').split('\n')) {
    const [, name] = /^\[(\w+)\]$/.exec(line) ?? [];
    if (name !== undefined) current = name;
    const [, key, value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (current !== section || key === undefined) continue;
    settings.set(key, [...(settings.get(key) ?? []), value]);
  }
  return settings;
}

const service = settingsOf('Service');
const one = (key: string): string => service.get(key)?.at(-1) ?? '';
const [node = '', script = '', ...args] = one('ExecStart').split(' ');

test('starts files that are in the project, from its folder', () => {
  const root = one('WorkingDirectory');
  expect(node.startsWith(`${root}/`)).toBe(true);
  expect(existsSync(join(project, node.slice(root.length)))).toBe(true);
  expect(existsSync(join(project, script))).toBe(true);
});

test('passes what the command takes, and is not started again with a config that is wrong', () => {
  const dir = mkdtempSync(join(tmpdir(), 'hf-unit-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const config = join(dir, 'gateway.yaml');
  writeFileSync(config, 'nonsense: true\n');
  const typed = args.map((arg) => (arg.endsWith('/gateway.yaml') ? config : arg));
  expect(typed).toContain(config);
  const run = spawnSync(process.execPath, [script, ...typed], { cwd: project, encoding: 'utf8' });
  // Were it the command line that is wrong, this would be what is said.
  expect(run.stderr).toContain(`${config} has`);
  expect(run.status).toBe(Number(one('RestartPreventExitStatus')));
});

test('keeps config, keys and data where the gateway may write, and nothing else', () => {
  const [, folder] = /--config (\S+)\/gateway\.yaml/.exec(one('ExecStart')) ?? [];
  expect(folder).toBe(`/var/lib/${one('StateDirectory')}`);
  expect(one('Environment')).toContain(`NODE_COMPILE_CACHE=/var/cache/${one('CacheDirectory')}`);
  expect(one('ProtectSystem')).toBe('strict');
  expect(service.has('ReadWritePaths')).toBe(false);
});

test('gives a stop more time than the gateway gives itself', () => {
  const main = readFileSync(join(project, 'edge/main.ts'), 'utf8');
  const ownMs = Number(/stopWithinMs = ([\d_]+)/.exec(main)?.[1]?.replaceAll('_', ''));
  expect(Number(one('TimeoutStopSec')) * 1000).toBeGreaterThan(ownMs);
});

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

test.skipIf(!hasSystemd)('leaves little exposed, in the judgement of systemd', () => {
  const analysed = spawnSync(
    'systemd-analyze',
    ['security', '--offline=true', '--no-pager', '--threshold=20', unitFile],
    { encoding: 'utf8' },
  );
  expect(analysed.stdout + analysed.stderr).toContain('Overall exposure level');
  expect(analysed.status).toBe(0);
});
