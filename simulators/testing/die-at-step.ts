/**
 * Loaded before a command (`node --import`): the process kills itself with SIGKILL at one of its
 * steps, which are its writes to files and its requests, each before and behind. The number is
 * `HOLDFAST_TEST_DIE_AT`, from 1; 0 lives, and says at its end how many there were.
 */
import fs from 'node:fs';
import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import process from 'node:process';

const dieAt = Number(process.env['HOLDFAST_TEST_DIE_AT'] ?? '0');
let steps = 0;

function step(): void {
  steps += 1;
  if (steps === dieAt) process.kill(process.pid, 'SIGKILL');
}

type Work = (this: unknown, ...args: unknown[]) => unknown;

function watch(of: object, name: string): void {
  const work = Reflect.get(of, name) as Work;
  Reflect.set(of, name, function watched(this: unknown, ...args: unknown[]): unknown {
    step();
    const result = work.apply(this, args);
    step();
    return result;
  });
}

for (const name of ['fsyncSync', 'linkSync', 'mkdirSync', 'renameSync', 'writeFileSync']) {
  watch(fs, name);
}
watch(http, 'request');
syncBuiltinESMExports();
const { fetch } = globalThis;
globalThis.fetch = async (...args) => {
  step();
  const answer = await fetch(...args);
  step();
  return answer;
};
process.once('exit', () => {
  if (dieAt === 0) fs.writeSync(2, `steps: ${steps}\n`);
});
