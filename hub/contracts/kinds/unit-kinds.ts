import Type from 'typebox';
import { actReference, documentReference, goods, unitId } from '../goods.ts';
import { closed, count, epc, name } from '../schema.ts';

/** What is in which handling unit, as dated changes of one tree (EPCIS aggregation). */

const parts = {
  by: Type.Optional(actReference),
  document: Type.Optional(documentReference),
  goods: Type.Optional(Type.Array(goods, { maxItems: 2000 })),
  parent: unitId,
  serials: Type.Optional(Type.Array(epc, { maxItems: 5000 })),
  units: Type.Optional(Type.Array(unitId, { maxItems: 2000 })),
  zone: Type.Optional(name),
};

/** These were put into or onto `parent`. Goods are named where they are not counted by serial. */
export const unitPacked = closed(parts);

/** These were taken out; `dissolved`: nothing is left and the unit is no more. */
export const unitUnpacked = closed({ ...parts, dissolved: Type.Boolean() });

/**
 * Things of one unit were read together: `seen` of `of` within it, or the unit's own tag. `trusted`:
 * that is enough for the whole unit to be where they were seen, the rest inferred.
 */
export const unitObserved = closed({
  direction: Type.Optional(Type.Enum(['in', 'out'])),
  of: count,
  portal: Type.Optional(name),
  seen: count,
  tagSeen: Type.Boolean(),
  trusted: Type.Boolean(),
  unit: unitId,
  zone: Type.Optional(name),
});
