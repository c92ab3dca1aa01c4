import type { Command } from './command.ts';
import { pathOption } from './option.ts';

export const runCommand: Command = {
  name: 'run',
  usage: '--config FILE',
  summary: 'run the hub until it is told to stop; "run" may be left out',
  options: { config: { type: 'string' } },
  async run(context, options) {
    // Loaded here alone, so that the other commands start without the servers.
    const { runHub } = await import('../main.ts');
    await runHub(pathOption(context, options, 'config'), context);
  },
};
