import type { FloorActAnswer } from '#contracts/api/floor-api.ts';

type FloorTask = FloorActAnswer['tasks'][number];

/** A variance that waits for approval is not told to whom the zone's quantities are covered. */
export function taskShown(task: FloorTask, isCovered: (zone: string) => boolean): FloorTask {
  const { reason, zone } = task;
  if (task.task !== 'approve-variance' || zone === undefined || !isCovered(zone)) return task;
  const [said = reason] = reason.split(':');
  return { ...task, reason: said };
}
