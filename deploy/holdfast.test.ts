import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, test } from 'vitest';

function holdfast(...typed: string[]) {
  const script = join(import.meta.dirname, 'holdfast.ts');
  const { status, stderr } = spawnSync(process.execPath, [script, ...typed], { encoding: 'utf8' });
  return { status, stderr };
}

describe('holdfast', () => {
  test('says its parts to whoever asks, and to whoever names none or another one', () => {
    const help = holdfast('--help');
    expect(help.status).toBe(0);
    expect(help.stderr).toMatch(/^usage: holdfast PART/);
    for (const part of ['gateway', 'hub', 'simulate']) expect(help.stderr).toContain(`  ${part} `);
    expect(holdfast('help')).toEqual(help);
    expect(holdfast()).toEqual({ status: 2, stderr: help.stderr });
    const unknown = holdfast('fly');
    expect(unknown).toEqual({ status: 2, stderr: `holdfast: unknown part "fly"\n${help.stderr}` });
  });

  test('leaves help on a command to its part', () => {
    const add = holdfast('hub', 'gateway', 'add', '--help');
    expect(add.status).toBe(0);
    expect(add.stderr).toContain('  gateway add --config FILE');
    expect(add.stderr).not.toContain('quarantine');
    expect(holdfast('help', 'hub', 'gateway', 'add')).toEqual(add);
    expect(holdfast('gateway', 'check', '--help').stderr).toContain('  check FILE');
  }, 30_000);
});
