import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SupervisedProcess } from './supervised-process.ts';

let folder: string;
let supervised: SupervisedProcess;
const told: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-supervised-'));
  told.length = 0;
});

afterEach(async () => {
  await supervised.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A process that writes its id into a file when it is up. */
function supervise(
  script = `fs.writeFileSync(file, String(process.pid)); setInterval(() => {}, 1e6)`,
) {
  const file = join(folder, 'pid');
  const code = `const fs = require('fs'); const file = ${JSON.stringify(file)}; ${script}`;
  supervised = new SupervisedProcess({
    name: 'child',
    command: process.execPath,
    args: ['-e', code],
    logFile: join(folder, 'logs/child.log'),
    ready: () => Promise.resolve(existsSync(file) && isAlive(Number(readFileSync(file, 'utf8')))),
    onDown: () => told.push('down'),
    onReady: () => told.push('ready'),
  });
  return { pid: () => Number(readFileSync(file, 'utf8')) };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('starts again after it was killed, and does what is to be done meanwhile', async () => {
  const { pid } = supervise();
  await supervised.start();
  const first = pid();
  expect(supervised.kill(() => told.push('meanwhile'))).toBe(true);
  while (supervised.hasProcess) await new Promise((resolve) => setImmediate(resolve));
  expect(supervised.isReady).toBe(false);
  await supervised.whenReady();
  expect(pid()).not.toBe(first);
  expect(isAlive(first)).toBe(false);
  expect(told).toEqual(['ready', 'down', 'meanwhile', 'ready']);
  expect([supervised.restarts, supervised.crashes]).toEqual([1, 0]);
});

test('starts again after it ended by itself, and counts that', async () => {
  const { pid } = supervise();
  await supervised.start();
  const first = pid();
  process.kill(first, 'SIGTERM');
  while (isAlive(first)) await new Promise((resolve) => setImmediate(resolve));
  while (supervised.crashes === 0) await new Promise((resolve) => setImmediate(resolve));
  await supervised.whenReady();
  expect([supervised.restarts, supervised.crashes]).toEqual([1, 1]);
});

test('gives up what never comes up, and says why with the end of its log', async () => {
  supervise(`console.error('no such config'); process.exit(2)`);
  await expect(supervised.start()).rejects.toThrow(/child ended 5 times[\s\S]*no such config/);
});

test('says so where the command does not exist', async () => {
  supervised = new SupervisedProcess({
    name: 'nothing',
    command: join(folder, 'missing'),
    args: [],
    logFile: join(folder, 'log'),
    ready: () => Promise.resolve(false),
  });
  await expect(supervised.start()).rejects.toThrow('nothing cannot be started');
});

test('ends for good when it is stopped', async () => {
  const { pid } = supervise();
  await supervised.start();
  await supervised.stop();
  expect(isAlive(pid())).toBe(false);
  expect(supervised.kill()).toBe(false);
});
