import type { OpenTask } from '../stock/stock-view.ts';

/**
 * Zones whose book nobody can vouch for: the box was replaced, and what the former one saw last is
 * unknown until somebody counts there. A recount that a count asked for names that count.
 */
export function unsureZones(tasks: readonly OpenTask[]): (zone: string) => boolean {
  const zones = new Set(
    tasks.flatMap(({ act, task, zone }) => (task === 'recount' && act === undefined ? [zone] : [])),
  );
  return (zone) => zones.has(zone);
}
