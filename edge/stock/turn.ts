import type { EventDraft } from '#contracts/envelope.ts';
import { momentFields, type Moment } from '../observe/moment.ts';
import type { SiteModel } from '../observe/site-model.ts';

/** One intake entry at work: what holds now, and where events go, in order. */
export interface Turn {
  readonly site: SiteModel;
  /** The entry's time. */
  readonly nowMs: number;
  /** When it happened, as far as can be said, and which device said so. */
  readonly at: Moment;
  readonly device?: string;
  readonly out: EventDraft[];
}

/** A turn as far as saying something needs it. */
export type Saying = Pick<Turn, 'nowMs' | 'at' | 'device' | 'out'>;

/** Time and device as fields of a draft. */
export function draftFields({ at, device }: Pick<Turn, 'at' | 'device'>) {
  const fields = momentFields(at);
  return device === undefined ? fields : { ...fields, device };
}
