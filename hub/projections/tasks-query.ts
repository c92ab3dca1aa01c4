import type { SelectQueryBuilder } from 'kysely';
import type { SiteTask, TasksPage, TasksQuery } from '#contracts/api/tasks-api.ts';
import type { Clock } from '#contracts/time.ts';
import type { Database, FlaggedActTable, SiteTaskTable } from '../store/schema.ts';
import type { Store } from '../store/store.ts';

const defaultLimit = 100;

/** A page of what sites have to do, with the acts that it is about where these are to be reviewed. */
export async function queryTasks(
  {
    store,
    clock,
    nameOf,
  }: {
    readonly store: Store;
    readonly clock: Clock;
    /** Who has an id, if anybody known here does. */
    readonly nameOf: (persons: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  },
  query: TasksQuery,
): Promise<TasksPage> {
  const { read } = store;
  const isAll = query.state === 'all';
  const { total } = await filtered(read.selectFrom('site_task'), query)
    .select((of) => of.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  const rows = await filtered(read.selectFrom('site_task'), query)
    .selectAll()
    .orderBy('opened_at', isAll ? 'desc' : 'asc')
    .orderBy('gateway')
    .orderBy('epoch')
    .orderBy('id')
    .limit(query.limit ?? defaultLimit)
    .offset(query.offset ?? 0)
    .execute();
  const acts = rows.flatMap(({ act }) => (act === null ? [] : [act]));
  const flagged =
    acts.length === 0
      ? []
      : await read.selectFrom('flagged_act').selectAll().where('act', 'in', acts).execute();
  const names = await nameOf(flagged.map(({ person }) => person));
  const byAct = new Map(flagged.map((one) => [`${one.gateway} ${one.act}`, one]));
  return {
    asOfMs: clock.nowMs(),
    tasks: rows.map((row) => taskOf(row, byAct.get(`${row.gateway} ${row.act ?? ''}`), names)),
    total,
  };
}

function filtered<O>(
  from: SelectQueryBuilder<Database, 'site_task', O>,
  { gateway, site, state = 'open', task }: TasksQuery,
): SelectQueryBuilder<Database, 'site_task', O> {
  let rows = from;
  if (state === 'open') rows = rows.where('state', '=', 'open');
  if (site !== undefined) rows = rows.where('site', '=', site);
  if (gateway !== undefined) rows = rows.where('gateway', '=', gateway);
  if (task !== undefined) rows = rows.where('task', '=', task);
  return rows;
}

function taskOf(
  row: SiteTaskTable,
  flagged: FlaggedActTable | undefined,
  names: ReadonlyMap<string, string>,
): SiteTask {
  return {
    site: row.site,
    gateway: row.gateway,
    epoch: row.epoch,
    id: row.id,
    task: row.task as SiteTask['task'],
    reason: row.reason,
    zone: row.zone,
    item: row.item,
    unit: row.unit,
    document: row.document,
    openedAt: row.opened_at,
    openedBy: row.opened_by,
    state: row.state,
    outcome: row.outcome,
    closedAt: row.closed_at,
    closedBy: row.closed_by,
    act: row.act,
    flagged:
      flagged === undefined
        ? null
        : {
            person: flagged.person,
            personName: names.get(flagged.person) ?? null,
            type: flagged.type as NonNullable<SiteTask['flagged']>['type'],
            actedAt: flagged.acted_at,
            revokedAt: flagged.revoked_at,
          },
  };
}
