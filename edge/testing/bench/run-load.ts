import { spawn } from 'node:child_process';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { Fault } from '#contracts/fault.ts';
import type { LoadPlan, LoadResult } from './load-plan.ts';

/**
 * Runs the load generator, which is a process of its own.
 *
 * @param started is called when all are connected and the first message goes out.
 * @throws Fault UNAVAILABLE when it ended without a result; it has said why.
 */
export async function runLoad(
  plan: LoadPlan,
  started: () => void = () => undefined,
): Promise<LoadResult> {
  const script = new URL('mqtt-load.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, JSON.stringify(plan)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    if (line === 'ready') {
      started();
      child.stdin.write('go\n');
    } else lines.push(line);
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  const last = lines.at(-1);
  if (code !== 0 || last === undefined) {
    throw new Fault('UNAVAILABLE', `the load generator ended with code ${String(code)}`);
  }
  return JSON.parse(last) as LoadResult;
}
