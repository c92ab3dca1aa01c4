import { hash } from 'node:crypto';
import type { FloorAct } from '#contracts/acts.ts';
import { encodeCanonical } from '#contracts/canonical.ts';
import { momentOf } from '../observe/moment.ts';
import type { ActNote } from './act-note.ts';

/** What always says itself of an act of this kind, so that nothing else can stand for it. */
const alwaysSaid: readonly FloorAct['type'][] = ['count', 'sweep'];

/**
 * Whether an act that came under a known id is the one that the id stands for. Where the note has no
 * digest, as those of a box before this one, what its events said decides: who, when, and, where that
 * is sure, what kind. Two that differ in none of these are taken for the same, because a refusal
 * would have a person post twice.
 *
 * @param keptAtMs when the first one came
 */
export function isSameAct(act: FloorAct, note: ActNote, keptAtMs: number): boolean {
  const [outcome, type, person, actedMs, digest] = note;
  if (digest !== undefined) return digest === digestOf(act);
  if (act.person !== person) return false;
  const isSure = outcome !== 'applied' || [type, act.type].some((of) => alwaysSaid.includes(of));
  if (isSure && act.type !== type) return false;
  // A document says when it was closed here, not when somebody asked for that.
  if (type === 'close' || act.type === 'close') return true;
  return momentOf(act.atMs, keptAtMs)[0] === actedMs;
}

/** Enough of a hash to tell that an id was used for something else. */
export function digestOf(act: FloorAct): string {
  return hash('sha256', encodeCanonical(act)).slice(0, 24);
}
