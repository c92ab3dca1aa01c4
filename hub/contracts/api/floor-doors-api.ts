import Type from 'typebox';
import type { Static } from 'typebox';
import { documentId, taskId } from '../goods.ts';
import { stockReconciled } from '../kinds/stock-kinds.ts';
import { closed, epochMs, name, oneOf } from '../schema.ts';

/** What goes on at the doors: what passes now, and what the sources agreed on last. */

const nullable = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

/** Not summed up yet: that happens when it has been quiet for a while. */
const passing = closed({
  /** null: a counter counted, and does not know which way. */
  direction: nullable(oneOf(['in', 'out'])),
  documents: Type.Array(documentId),
  startedAtMs: epochMs,
  lastAtMs: epochMs,
  sources: stockReconciled.properties.sources,
});

const floorDoor = closed({
  portal: name,
  zone: name,
  passing: Type.Array(passing),
  /** null: nothing was compared yet, or only one source looks here. */
  last: nullable(stockReconciled),
  /** The open task that this left. */
  task: nullable(taskId),
});
export type FloorDoor = Static<typeof floorDoor>;

export const floorDoors = closed({ asOfMs: epochMs, doors: Type.Array(floorDoor) });
export type FloorDoors = Static<typeof floorDoors>;
