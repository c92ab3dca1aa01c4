import { profileOf as knownProfileOf } from '../../devices/registry.ts';
import type { IntakeEntry } from '../intake/intake-entry.ts';
import type { ObserverStep, StateRow } from '../observe/observer.ts';
import { StandingObserver } from '../observe/standing-observer.ts';
import type { FlowTap } from './flow-tap.ts';

/** The observer of a gateway, whose steps can be watched from the floor page. */
export class WatchedObserver extends StandingObserver {
  readonly #tap: FlowTap;

  constructor(rows: Iterable<StateRow>, tap: FlowTap) {
    super(rows, tap.tapped(knownProfileOf));
    this.#tap = tap;
  }

  override step(entry: IntakeEntry): ObserverStep {
    const step = super.step(entry);
    this.#tap.stepped(entry, step);
    return step;
  }
}
