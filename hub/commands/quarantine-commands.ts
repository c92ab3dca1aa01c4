import { queryQuarantine } from '../intake/quarantine.ts';
import type { Command } from './command.ts';
import { withStore } from './with-store.ts';

export const quarantineListCommand: Command = {
  name: 'quarantine list',
  usage: '--config FILE',
  summary: 'print what could not be taken as it came and is kept, newest first, one JSON line each',
  options: { config: { type: 'string' } },
  async run(context, options) {
    await withStore(context, options, async ({ read }) => {
      const rows = await read
        .selectFrom('lane_quarantine')
        .selectAll()
        .orderBy('received_at', 'desc')
        .orderBy('id')
        .execute();
      for (const { received_at: receivedAt, head, ...row } of rows) {
        await context.out({ ...row, receivedAt, head: Buffer.from(head).toString('base64') });
      }
    });
  },
};

export const quarantineCountCommand: Command = {
  name: 'quarantine count',
  usage: '--config FILE',
  summary: 'print how much was put aside by gateway and reason, kept or not, one JSON line each',
  options: { config: { type: 'string' } },
  async run(context, options) {
    await withStore(context, options, async ({ read }) => {
      for (const row of await queryQuarantine(read)) {
        const { gateway, reason, total, kept } = row;
        await context.out({
          gateway: gateway === '' ? null : gateway,
          reason,
          total,
          kept,
          firstAt: row.first_at,
          lastAt: row.last_at,
          lastDetail: row.last_detail,
        });
      }
    });
  },
};
