/** Something that grows on disk. */
export interface Growth {
  readonly bytesPerDay: number;
  /** How much it may still grow; Infinity where nothing bounds it. */
  readonly mostBytes: number;
}

/**
 * How long room lasts while each part grows at its rate, up to its own bound. Pure.
 *
 * @returns days; Infinity where all parts reach their bounds within the room.
 */
export function roomForDays(roomBytes: number, growths: readonly Growth[]): number {
  const growing = growths.filter(({ bytesPerDay, mostBytes }) => bytesPerDay > 0 && mostBytes > 0);
  const daysToBound = ({ bytesPerDay, mostBytes }: Growth): number => mostBytes / bytesPerDay;
  let left = roomBytes;
  let atDays = 0;
  const ordered = growing.toSorted((a, b) => daysToBound(a) - daysToBound(b));
  for (const [index, next] of ordered.entries()) {
    const rate = ordered.slice(index).reduce((sum, { bytesPerDay }) => sum + bytesPerDay, 0);
    const untilDays = daysToBound(next);
    const fullAtDays = atDays + left / rate;
    if (fullAtDays <= untilDays) return fullAtDays;
    left -= rate * (untilDays - atDays);
    atDays = untilDays;
  }
  return Infinity;
}

/** As everything shows it, never more than it is: tenths of a day; of a short time hundredths. */
export function roundedDays(days: number): number {
  const steps = days < 2 ? 100 : 10;
  return Math.floor(days * steps) / steps;
}

/** The same; null: not known yet, or it does not fill. */
export function shownDays(days = Infinity): number | null {
  return Number.isFinite(days) ? roundedDays(days) : null;
}
