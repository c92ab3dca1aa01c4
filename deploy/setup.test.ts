import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, onTestFinished, test } from 'vitest';

const script = new URL('setup.sh', import.meta.url).pathname;

/** A project of nothing but a lock file and packages, and an npm that only says it was called. */
function setUp() {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'hf-setup-')));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  for (const folder of ['deploy', 'bin', 'node_modules/.bin']) {
    mkdirSync(join(dir, folder), { recursive: true });
  }
  copyFileSync(script, join(dir, 'deploy', 'setup.sh'));
  writeFileSync(join(dir, 'package-lock.json'), '{}');
  const npm = join(dir, 'bin', 'npm');
  writeFileSync(
    npm,
    '#!/bin/sh\necho begin >>npm-calls\n[ ! -e go ] || sed -n 1p go\necho end >>npm-calls\n',
  );
  chmodSync(npm, 0o755);
  const env = { PATH: `${join(dir, 'bin')}:${process.env['PATH'] ?? ''}` };
  const calls = () => {
    const file = join(dir, 'npm-calls');
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  };
  return { dir, env, calls };
}

const args = ['deploy/setup.sh', 'npm'];

describe('npm packages', () => {
  test('are installed once for one lock file', () => {
    const { dir, env, calls } = setUp();
    for (let n = 0; n < 2; n += 1) {
      expect(spawnSync('sh', args, { cwd: dir, env }).status).toBe(0);
    }
    expect(calls()).toEqual(['begin', 'end']);
  });

  test('are not replaced under a process that runs from them, which is named', () => {
    const { dir, env, calls } = setUp();
    const program = join(dir, 'node_modules', '.bin', 'sleep');
    copyFileSync('/bin/sleep', program);
    chmodSync(program, 0o755);
    const running = spawn(program, ['600']);
    onTestFinished(() => void running.kill('SIGKILL'));
    const { status, stderr } = spawnSync('sh', args, { cwd: dir, env, encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain(`  ${running.pid}  ${program} 600`);
    expect(stderr).toContain('stop them');
    expect(calls()).toEqual([]);
  });

  test('are installed by one of two that start at once; the other waits and finds them', async () => {
    const { dir, env, calls } = setUp();
    expect(spawnSync('mkfifo', [join(dir, 'go')]).status).toBe(0);
    const run = () => {
      const child = spawn('sh', args, { cwd: dir, env });
      onTestFinished(() => void child.kill('SIGKILL'));
      let said = '';
      child.stderr.on('data', (data) => (said += String(data)));
      return { said: () => said, ended: once(child, 'close') };
    };
    const first = run();
    while (calls().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const second = run();
    while (!second.said().includes('waiting')) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    writeFileSync(join(dir, 'go'), '\n');
    expect(await Promise.all([first.ended, second.ended])).toEqual([
      [0, null],
      [0, null],
    ]);
    expect(calls()).toEqual(['begin', 'end']);
  });
});

test('no file of a fixed name is written to a folder that others share', () => {
  expect(readFileSync(script, 'utf8')).not.toMatch(/TMPDIR|\/tmp\//);
});
