import { setTimeout as sleep } from 'node:timers/promises';
import { describeFault, type PlannedFault } from './fault-plan.ts';
import type { WarehouseRun } from './warehouse-run.ts';

/**
 * Does to a run what the plan says, in time, until `seconds` have passed since the call or the
 * signal comes. A fault that takes long delays none of the others.
 *
 * @throws AbortError when the signal came.
 */
export async function injectFaults(
  run: WarehouseRun,
  plan: readonly PlannedFault[],
  seconds: number,
  signal: AbortSignal,
): Promise<void> {
  const startMs = performance.now();
  const underWay: Promise<void>[] = [];
  for (const fault of [...plan].sort((a, b) => a.atS - b.atS)) {
    await until(startMs + fault.atS * 1000, signal);
    run.plan.say(describeFault(fault));
    underWay.push(inject(run, fault));
  }
  await until(startMs + seconds * 1000, signal);
  await Promise.all(underWay);
}

async function inject(run: WarehouseRun, fault: PlannedFault): Promise<void> {
  switch (fault.type) {
    case 'cut':
      run.cutLink(fault.site, fault.mode);
      break;
    case 'heal':
      run.healLink(fault.site);
      break;
    case 'kill-gateway':
      run.stack.site(fault.site).gateway.kill();
      break;
    case 'restart-servers':
      await run.restartServers(fault.site, fault.downS * 1000);
      break;
  }
}

async function until(atMs: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.max(0, atMs - performance.now()), undefined, { signal });
}
