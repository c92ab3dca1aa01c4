import type { FloorSession } from '#contracts/api/floor-api.ts';
import { formatCount } from '../../format/numbers.ts';

/**
 * How much this person may adjust now. The gateway decides when the act is applied; this only keeps
 * a person from asking for what will be refused.
 */
export function adjustLimit({ lease }: Pick<FloorSession, 'lease'>): {
  /** Undefined: there is no lease to say. */
  readonly most: number | undefined;
  /** Why more than `most` is too much. */
  readonly why: string;
  /** Why nothing at all can be adjusted. */
  readonly none: string | undefined;
} {
  if (lease === null) return { most: undefined, why: '', none: 'Nothing lets you adjust here' };
  const { limitPerEntry, leftUnits } = lease;
  const most = Math.min(limitPerEntry, leftUnits);
  const why =
    leftUnits < limitPerEntry
      ? `Only ${formatCount(leftUnits)} left of your limit`
      : `At most ${formatCount(limitPerEntry)} at once`;
  return { most, why, none: most === 0 ? 'Your limit is used up' : undefined };
}
