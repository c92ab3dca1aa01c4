import type { CutMode } from '../link.ts';

/** Something that is done to a run at a time after its start. */
export type PlannedFault =
  | { readonly atS: number; readonly type: 'cut'; readonly site: string; readonly mode: CutMode }
  | { readonly atS: number; readonly type: 'heal'; readonly site: string }
  | { readonly atS: number; readonly type: 'kill-gateway'; readonly site: string }
  | {
      readonly atS: number;
      readonly type: 'restart-servers';
      readonly site: string;
      readonly downS: number;
    };

/**
 * The demo's faults in `seconds`: the first site loses its link, and while it is away the last
 * site's gateway is killed; the first one's is killed while it replays what it kept. The OPC UA servers
 * restart, and the last site's link becomes a black hole.
 */
export function demoFaults(seconds: number, sites: readonly string[]): PlannedFault[] {
  const [first] = sites;
  const last = sites.at(-1);
  if (first === undefined || last === undefined) return [];
  const at = (share: number) => Math.round(seconds * share * 10) / 10;
  return [
    { atS: at(0.2), type: 'cut', site: first, mode: 'refuse' },
    { atS: at(0.3), type: 'kill-gateway', site: last },
    { atS: at(0.42), type: 'heal', site: first },
    { atS: at(0.44), type: 'kill-gateway', site: first },
    { atS: at(0.58), type: 'restart-servers', site: first, downS: 2 },
    { atS: at(0.68), type: 'cut', site: last, mode: 'black-hole' },
    { atS: at(0.8), type: 'heal', site: last },
  ];
}

/** The faults of an outage plan: every site's link is cut in each stretch. */
export function outageFaults(
  outages: readonly { readonly fromS: number; readonly toS: number }[],
  sites: readonly string[],
): PlannedFault[] {
  return outages.flatMap(({ fromS, toS }) => [
    ...sites.map((site) => ({ atS: fromS, type: 'cut', site, mode: 'refuse' }) as const),
    ...sites.map((site) => ({ atS: toS, type: 'heal', site }) as const),
  ]);
}

/** A planned fault in words. */
export function describeFault(fault: PlannedFault): string {
  switch (fault.type) {
    case 'cut':
      return fault.mode === 'refuse'
        ? `the link of ${fault.site} is cut`
        : `the link of ${fault.site} becomes a black hole`;
    case 'heal':
      return `the link of ${fault.site} is healed`;
    case 'kill-gateway':
      return `the gateway of ${fault.site} is killed (SIGKILL)`;
    case 'restart-servers':
      return `the OPC UA servers of ${fault.site} (PLC, gate reader) restart, ${fault.downS} s down`;
  }
}
