import { expect, inject, test } from 'vitest';
import { deviceProfiles } from '../../devices/registry.ts';
import { runCommand } from '../testing/run-command.ts';

const { natsServer } = inject('programs');
const script = new URL('main.ts', import.meta.url);

test.skipIf(natsServer === '')(
  'the demo ends by itself, and an outage and a crash have cost nothing (needs nats-server)',
  { timeout: 600_000 },
  async () => {
    const { code, lastLine, said } = await runCommand(script, ['--seconds', '45', '--check']);
    expect(lastLine, said).toMatch(/^\{/);
    const result = JSON.parse(lastLine) as Record<string, unknown>;
    expect(result, said).toMatchObject({ lost: 0, doubled: 0, chain: 'ok' });
    expect(result['covered'], said).toBeGreaterThan(1000);
    expect(result['uncovered'], said).toBeGreaterThan(0);
    expect(result['outages'], said).toBeGreaterThan(0);
    expect(result['restarts'], said).toBeGreaterThan(0);
    for (const profile of deviceProfiles.keys()) {
      expect(said).toMatch(new RegExp(`· +${profile} +made [1-9]`));
    }
    const [running = ''] = said.split('the world stands still');
    expect(running).toMatch(/check +lost 0 +doubled 0 +chain ok +[1-9][\d,]* messages, [1-9]/);
    expect(code, said).toBe(0);
  },
);
