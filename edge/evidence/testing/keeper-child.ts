import process from 'node:process';
import { nodeDisk, type EvidenceDisk } from '../evidence-disk.ts';
import { EvidenceSite } from './evidence-site.ts';

/**
 * Seals and prunes what is in a folder, and is killed before its n-th step on disk:
 * `node keeper-child.ts DIR N BUDGET`. Prints the steps when it was not.
 */
const [dir = '', at = '0', budget = '0'] = process.argv.slice(2);
const steps: string[] = [];
const killing = Object.fromEntries(
  Object.entries(nodeDisk).map(([name, step]) => [
    name,
    (...of: never[]) => {
      steps.push(name);
      if (steps.length === Number(at)) process.kill(process.pid, 'SIGKILL');
      return (step as (...of: never[]) => unknown)(...of);
    },
  ]),
) as unknown as EvidenceDisk;
const site = new EvidenceSite(dir);
const keeper = site.keeper({ disk: killing, budgetBytes: Number(budget) });
site.settle(keeper);
process.stdout.write(steps.join(' '));
