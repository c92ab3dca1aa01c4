import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { arch, cpus, release, totalmem } from 'node:os';
import process from 'node:process';

const root = new URL('../..', import.meta.url).pathname;

/** What a figure was measured on. Two runs compare only where both of these are equal. */
export interface Ground {
  readonly machine: string;
  readonly commit: string;
  /** Uncommitted changes: such a result is shown, never kept. */
  readonly dirty: boolean;
  /** Short name of commit and machine together, for file names. */
  readonly key: string;
}

export function ground(): Ground {
  const [first] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const model = first?.model.trim() ?? 'unknown processor';
  const machine = `${cpus().length} × ${model}, ${memory}, ${arch()}, Linux ${release()}, Node ${process.version}`;
  const commit = git('rev-parse', 'HEAD') || 'none';
  const machineKey = createHash('sha256').update(machine).digest('hex').slice(0, 8);
  return {
    machine,
    commit,
    dirty: git('status', '--porcelain') !== '',
    key: `${commit.slice(0, 12)}-${machineKey}`,
  };
}

function git(...args: string[]): string {
  try {
    return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  } catch {
    return ''; // a source archive has no history
  }
}
