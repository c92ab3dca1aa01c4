import { placeOf } from './dock-site.ts';
import type { DockWorld, WorldReport } from './dock-world.ts';
import type { SaidMove } from './move-score.ts';

const windowS = 2;

/**
 * The plain method to compare with: each second a tag is where most of its reads of the last two
 * seconds were, and it moved when that is another place. One that is not read stays where it was.
 */
export function windowMoves({ reports, endS }: DockWorld): SaidMove[] {
  const said: SaidMove[] = [];
  const recent = new Map<string, WorldReport[]>();
  const places = new Map<string, string>();
  let next = 0;
  for (let nowS = 1; nowS <= endS + 2; nowS += 1) {
    for (let report = reports[next]; report !== undefined && report.sentS <= nowS;) {
      const list = recent.get(report.epc);
      if (list === undefined) recent.set(report.epc, [report]);
      else list.push(report);
      next += 1;
      report = reports[next];
    }
    for (const [epc, list] of recent) {
      const left = list.filter(({ sentS }) => sentS > nowS - windowS);
      if (left.length === 0) {
        recent.delete(epc);
        continue;
      }
      recent.set(epc, left);
      const from = places.get(epc) ?? '';
      const to = mostRead(left, from);
      if (from !== to) said.push({ epc, from, to, atS: nowS });
      places.set(epc, to);
    }
  }
  return said;
}

/** Of equally often read places the present one stays. */
function mostRead(reports: readonly WorldReport[], present: string): string {
  const counts = new Map<string, number>();
  for (const { device, antenna, reads } of reports) {
    const place = placeOf(device, antenna);
    counts.set(place, (counts.get(place) ?? 0) + reads);
  }
  let best = present;
  for (const [place, count] of counts) if (count > (counts.get(best) ?? 0)) best = place;
  return best;
}
