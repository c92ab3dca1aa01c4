import type { SiteTask, TasksPage } from '#contracts/api/tasks-api.ts';

/** Invented tasks in the shape of the contracts, for tests only. */
export function fixtureTasks(nowMs: number, empty: boolean): TasksPage {
  const minutes = (count: number) => nowMs - count * 60_000;
  const tasks = [
    task('t40-0', minutes(190), { task: 'identify', reason: 'unknown-epc', zone: 'dock-1' }),
    task('t90-0', minutes(60), {
      task: 'review-act',
      reason: 'adjust after revocation',
      act: 'act-00017',
      flagged: {
        person: 'p-4f1',
        personName: 'Anna Berg',
        type: 'adjust',
        actedAt: minutes(70),
        revokedAt: minutes(200),
      },
    }),
    task('t91-0', minutes(12), {
      task: 'recount',
      reason: 'the box was replaced: unknown from 2026-11-22T08:00:00Z to 2026-11-22T11:00:00Z',
      zone: 'cold-1',
    }),
  ];
  return { asOfMs: nowMs, tasks: empty ? [] : tasks, total: empty ? 0 : tasks.length };
}

function task(id: string, openedAt: number, of: Partial<SiteTask>): SiteTask {
  return {
    site: 'lyon',
    gateway: 'lyon-1',
    epoch: 1,
    id,
    task: 'identify',
    reason: '',
    zone: null,
    item: null,
    unit: null,
    document: null,
    openedAt,
    openedBy: `lyon-1/1/${id.slice(1, -2)}`,
    state: 'open',
    outcome: null,
    closedAt: null,
    closedBy: null,
    act: null,
    flagged: null,
    ...of,
  };
}
