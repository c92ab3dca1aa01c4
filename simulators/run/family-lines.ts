import type { DeviceTally } from '../fleet.ts';

/** What each device family did, a line each. */
export function familyLines(tallies: readonly DeviceTally[]): string[] {
  const families = Map.groupBy(tallies, ({ profile }) => profile);
  const width = Math.max(0, ...[...families.keys()].map(({ length }) => length));
  return [...families].map(([profile, devices]) => {
    const sum = (of: (tally: DeviceTally) => number) =>
      devices.reduce((total, tally) => total + of(tally), 0).toLocaleString('en-US');
    return (
      `${profile.padEnd(width)}  made ${sum(({ made }) => made)}` +
      `   acknowledged ${sum(({ acknowledged }) => acknowledged)}` +
      `   covered ${sum(({ covered }) => covered)}` +
      `   uncovered ${sum(({ uncovered }) => uncovered)}`
    );
  });
}
