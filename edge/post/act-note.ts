import type { ActRefusal, FloorAct } from '#contracts/acts.ts';

/** What is kept of an act, so that it is known when it comes again or its author had no rights. */
export type ActNote = readonly [
  outcome: 'applied' | ActRefusal,
  type: FloorAct['type'],
  person: string,
  actedMs: number,
  /** A digest of the act with its person, and where it came first; older rows lack one or both. */
  ...more: readonly [] | readonly [digest: string] | readonly [digest: string, pos: number],
];
