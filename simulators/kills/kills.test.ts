import { expect, inject, test } from 'vitest';
import { runCommand } from '../testing/run-command.ts';

const { natsServer } = inject('programs');
const script = new URL('main.ts', import.meta.url);

test.skipIf(natsServer === '')(
  'nothing is lost or doubled when each process is killed ten times under load (needs nats-server)',
  { timeout: 600_000 },
  async () => {
    const { code, lastLine, said } = await runCommand(script, ['--count', '10', '--seed', '1']);
    expect(lastLine, said).toBe(
      '{"kills":{"gateway":10,"hub":10,"nats":10},"lost":0,"doubled":0,"chain":"ok"}',
    );
    expect(code, said).toBe(0);
  },
);
