import type { Kysely } from 'kysely';
import { Fault } from '#contracts/fault.ts';
import type { Database, LedgerLineTable } from '../store/schema.ts';
import type { Command, CommandOptions } from './command.ts';
import { withStore } from './with-store.ts';

const pageRows = 1000;

export const exportLaneCommand: Command = {
  name: 'export-lane',
  usage: '--config FILE [--evidence] [--after POSITION]',
  summary:
    'print every journal event with its ledger lines, one JSON line each; with --evidence also its ' +
    'text, and what was signed',
  options: {
    config: { type: 'string' },
    evidence: { type: 'boolean' },
    after: { type: 'string' },
  },
  async run(context, options) {
    const behind = afterOf(options);
    await withStore(context, options, async ({ read }) => {
      for (let after = behind; ;) {
        const page = await eventsAfter(read, after);
        const last = page.at(-1);
        if (last === undefined) return;
        const lines = await linesBetween(read, after, last.position);
        const signed = options['evidence'] === true ? await signedBetween(read, page) : undefined;
        for (const { position, header, payload, ...event } of page) {
          const evidence = signed === undefined ? {} : { header, payload, ...signed(event) };
          const found = { position, ...event, lines: lines.get(position) ?? [] };
          await context.out({ ...found, ...evidence });
        }
        after = last.position;
      }
    });
  },
};

/** The hub's position behind which to begin. @throws Fault BAD_INPUT */
function afterOf({ after: text = '0' }: CommandOptions): number {
  const position = Number(text);
  if (Number.isSafeInteger(position) && position >= 0) return position;
  throw new Fault('BAD_INPUT', '--after takes a position, a whole number from 0');
}

function eventsAfter(read: Kysely<Database>, position: number) {
  return read
    .selectFrom('journal_event')
    .select(['position', 'gateway', 'epoch', 'seq', 'kind', 'hash', 'state', 'header', 'payload'])
    .where('position', '>', position)
    .orderBy('position')
    .limit(pageRows)
    .execute();
}

interface Place {
  readonly gateway: string;
  readonly epoch: number;
  readonly seq: number;
}

const keyOf = ({ gateway, epoch, seq }: Place) => `${gateway}/${epoch}/${seq}`;

/**
 * What a page's events prove: the first of an epoch tells the epoch's identity, the last of a batch
 * the checkpoint that the gateway signed, both as the exact text.
 */
async function signedBetween(read: Kysely<Database>, page: readonly Place[]) {
  const found = new Map<string, object>();
  const lanes = Map.groupBy(page, ({ gateway, epoch }) => `${gateway}/${epoch}`);
  for (const [, events] of lanes) {
    const [first] = events;
    const last = events.at(-1);
    if (first === undefined || last === undefined) continue;
    const { gateway, epoch } = first;
    const identity = await read
      .selectFrom('epoch')
      .select('identity as epochIdentity')
      .where('gateway', '=', gateway)
      .where('ordinal', '=', epoch)
      .executeTakeFirst();
    if (first.seq === 1 && identity !== undefined) found.set(keyOf(first), identity);
    const batches = await read
      .selectFrom('batch')
      .select(['last_seq', 'checkpoint', 'signature'])
      .where('gateway', '=', gateway)
      .where('epoch', '=', epoch)
      .where('last_seq', '>=', first.seq)
      .where('last_seq', '<=', last.seq)
      .execute();
    for (const { last_seq: seq, ...signed } of batches) {
      const key = keyOf({ gateway, epoch, seq });
      found.set(key, { ...found.get(key), ...signed });
    }
  }
  return (place: Place) => found.get(keyOf(place)) ?? {};
}

async function linesBetween(read: Kysely<Database>, after: number, until: number) {
  const rows = await read
    .selectFrom('ledger_line')
    .selectAll()
    .where('position', '>', after)
    .where('position', '<=', until)
    .orderBy('position')
    .orderBy('line')
    .execute();
  const byPosition = new Map<number, ReturnType<typeof shown>[]>();
  for (const row of rows) {
    const lines = byPosition.get(row.position) ?? [];
    lines.push(shown(row));
    byPosition.set(row.position, lines);
  }
  return byPosition;
}

function shown(row: LedgerLineTable) {
  return {
    site: row.site,
    account: row.account,
    owner: row.owner,
    item: row.item,
    lot: row.lot === '' ? null : row.lot,
    handlingUnit: row.handling_unit === '' ? null : row.handling_unit,
    quantity: row.quantity,
    serials: row.serials === null ? [] : (JSON.parse(row.serials) as string[]),
  };
}
