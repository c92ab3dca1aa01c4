import type { ActOutcome } from '#contracts/acts.ts';
import type { EventDraft } from '#contracts/envelope.ts';
import type { DeviceRequest } from '../../devices/profile.ts';
import type { IntakeBody } from '../intake/intake-entry.ts';
import type { Quarantined } from './quarantined.ts';

/** What one intake entry led to. */
export interface ObserverStep {
  /** In the order in which they are to be journalled. */
  readonly drafts: readonly EventDraft[];
  readonly quarantined?: Quarantined;
  /** What became of a person's act. */
  readonly outcome?: ActOutcome;
  /** What a device should be asked for. Nothing depends on whether it is. */
  readonly request?: DeviceRequest & { readonly device: string };
}

/** Whether devices could not be heard up to this entry: timers are looked at after it. */
export function endsDeafness({ type }: IntakeBody): boolean {
  return type === 'boot' || type === 'intake' || type === 'clock-seen';
}
