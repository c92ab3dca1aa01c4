import { Fault } from '#contracts/fault.ts';
import { laneReport, releaseLane } from '../intake/release-lane.ts';
import type { Command } from './command.ts';
import { requiredOption } from './option.ts';
import { orFault } from './or-fault.ts';
import { patiently, withStore } from './with-store.ts';

const longestReason = 300;

export const gatewayLaneCommand: Command = {
  name: 'gateway lane',
  usage: '--config FILE --id GATEWAY',
  summary:
    'print how a gateway’s lane stands: why it is halted, what was put aside, who released it',
  options: { config: { type: 'string' }, id: { type: 'string' } },
  async run(context, options) {
    const gateway = requiredOption(options, 'id');
    await withStore(context, options, async (store) => {
      await context.out(orFault(await laneReport(store, gateway)));
    });
  },
};

export const gatewayReleaseCommand: Command = {
  name: 'gateway release',
  usage: '--config FILE --id GATEWAY --by PERSON --reason TEXT',
  summary:
    'let a halted lane go on from where it stands, once the second history is gone; ' +
    'what was put aside stays, and who brings another history halts it again',
  options: {
    config: { type: 'string' },
    id: { type: 'string' },
    by: { type: 'string' },
    reason: { type: 'string' },
  },
  async run(context, options) {
    const of = {
      gateway: requiredOption(options, 'id'),
      by: requiredOption(options, 'by'),
      reason: requiredOption(options, 'reason'),
    };
    if (of.reason.length > longestReason) {
      throw new Fault('BAD_INPUT', `--reason has at most ${longestReason} characters`);
    }
    await withStore(context, options, async (store) => {
      const released = orFault(await patiently(() => releaseLane(store, context.clock, of)));
      context.log.warn(released, 'lane.released');
      await context.out(released);
    });
  },
};
