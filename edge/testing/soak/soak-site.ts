/** The reference site of the design, and how its hours are packed into minutes. */
export const site = {
  readers: 40,
  /** The last of the readers stand at doors: half of these take in, half let out. */
  doors: 4,
  meanReadsPerSecond: 800,
  busyReadsPerSecond: 4000,
  busyMinutes: 10,
  tags: 60_000,
  climateSensors: 200,
  sensorsPerZone: 10,
  climateEverySeconds: 60,
  plcs: 20,
  nodesPerPlc: 100,
  operatorPerHour: 300,
  /** Pallets an hour that come in; as many go out, so that the residents are as many all day. */
  palletsPerHour: 100,
  tagsPerPallet: 40,
  /** Times that a tag is read on each side of a door. */
  readsPerSide: 10,
  /** Pallets an hour that are put elsewhere inside. */
  relocationsPerHour: 50,
} as const;

/**
 * Rates run this much faster than at the site, so that each entry comes in its order and number but
 * sooner. In the busy ten minutes the rate itself is the point: they are packed less.
 */
export const packing = { usual: 14, busy: 4 } as const;

/** Durations that a person sets shrink with the hours, so that tags are away as often as there. */
export function packedMs(siteMs: number, least: number): number {
  return Math.max(least, Math.round(siteMs / packing.usual));
}

/** Node variables of a PLC: what counts, what tells a state, and what is an alarm now and then. */
const nodesOf = { counters: 80, states: 5, alarms: 15 } as const;

export const plcNamespace = 'urn:holdfast:soak:plcs';

/** @returns name and address of each node of a PLC. */
export function plcNodes(plc: number): { name: string; node: string; role: PlcRole }[] {
  const many = (role: PlcRole, count: number) =>
    Array.from({ length: count }, (_, index) => {
      const name = `${role}-${index}`;
      return { name, node: `nsu=${plcNamespace};s=plc-${plc}-${name}`, role };
    });
  return [
    ...many('counter', nodesOf.counters),
    ...many('state', nodesOf.states),
    ...many('alarm', nodesOf.alarms),
  ];
}

export type PlcRole = 'counter' | 'state' | 'alarm';

/** When the busy minutes are, in seconds from the start of a day of so many: in its third eighth. */
function busySpan(daySeconds: number): { readonly from: number; readonly to: number } {
  const seconds = Math.min(site.busyMinutes * 60, daySeconds / 48);
  const from = daySeconds * (5 / 16);
  return { from, to: from + seconds };
}

/** How fast the site's time goes at a second of its day. */
export function paceAt(second: number, daySeconds: number): number {
  const { from, to } = busySpan(daySeconds);
  return second >= from && second < to ? packing.busy : packing.usual;
}

/** Reads per second of the site's time; with the busy minutes the mean over eight hours is 800. */
export function readsPerSecondAt(second: number, daySeconds: number): number {
  const { from, to } = busySpan(daySeconds);
  if (second >= from && second < to) return site.busyReadsPerSecond;
  const busyShare = (to - from) / daySeconds;
  return (site.meanReadsPerSecond - busyShare * site.busyReadsPerSecond) / (1 - busyShare);
}
