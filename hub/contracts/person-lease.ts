import { actTypes, type ActType, type Lease } from './acts.ts';
import type { PersonRole } from './people.ts';

/** What each role may do. */
const mayOf: Readonly<Record<PersonRole, readonly ActType[]>> = {
  counter: ['count', 'sweep'],
  operator: ['receive', 'ship', 'move', 'count', 'sweep', 'hold', 'pack', 'unpack', 'resolve'],
  supervisor: actTypes,
};

interface LeaseTerms {
  readonly person: string;
  readonly role: PersonRole;
  /** New for each lease: what was used of a former one does not count. */
  readonly id: string;
  readonly fromMs: number;
  readonly untilMs: number;
  /** Base units of adjustments: each, and in all. */
  readonly perEntry: number;
  readonly cumulative: number;
  /** Absent: all zones. */
  readonly zones?: readonly string[] | undefined;
}

/** A lease by role. A supervisor with no limit given may adjust nothing. */
export function leaseOf(terms: LeaseTerms): Lease {
  const { id, person, role, fromMs, untilMs, perEntry, cumulative, zones } = terms;
  return {
    id,
    person,
    may: [...mayOf[role]],
    validFromMs: fromMs,
    validUntilMs: untilMs,
    limitPerEntry: perEntry,
    limitCumulative: cumulative,
    ...(zones === undefined ? {} : { zones: [...zones] }),
  };
}
