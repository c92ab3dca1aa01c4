import { rebuildProjections } from '../projections/rebuild.ts';
import type { Command } from './command.ts';
import { patiently, withStore } from './with-store.ts';

const sayEveryMs = 1000;

export const rebuildCommand: Command = {
  name: 'rebuild',
  usage: '--config FILE',
  summary: 'make ledger and projections anew from the journal; a running hub waits meanwhile',
  options: { config: { type: 'string' } },
  async run(context, options) {
    const { clock, log } = context;
    await withStore(context, options, async (store) => {
      const startMs = clock.monotonicMs();
      let saidMs = startMs;
      const events = await patiently(() =>
        rebuildProjections(store, (done) => {
          if (clock.monotonicMs() - saidMs < sayEveryMs) return;
          saidMs = clock.monotonicMs();
          log.info({ events: done }, 'rebuild.progress');
        }),
      );
      await context.out({ events, tookMs: Math.round(clock.monotonicMs() - startMs) });
    });
  },
};
