import Type from 'typebox';
import type { Static } from 'typebox';
import { actTypes } from '../acts.ts';
import { taskTypes } from '../kinds/stock-kinds.ts';
import { closed, count, epochMs, name, oneOf } from '../schema.ts';

const nullable = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

/** What a site has to do, as its gateway's journal tells it. It is worked off at the floor page. */
const siteTask = closed({
  site: name,
  gateway: name,
  epoch: Type.Integer(),
  /** The gateway's own, within its epoch. */
  id: Type.String(),
  task: oneOf(taskTypes),
  reason: Type.String(),
  zone: nullable(name),
  item: nullable(Type.String()),
  unit: nullable(Type.String()),
  document: nullable(Type.String()),
  openedAt: epochMs,
  /** The event that opened it, gateway/epoch/seq. */
  openedBy: Type.String(),
  state: Type.Enum(['open', 'closed', 'carried'], {
    description: 'carried: the box was replaced, and the next one opened it again',
  }),
  outcome: nullable(Type.String()),
  closedAt: nullable(epochMs),
  closedBy: nullable(Type.String({ description: 'the person, by the id that events carry' })),
  /** The act that it is about. */
  act: nullable(Type.String()),
  /** An act after its person's rights had ended: what it was, and when. */
  flagged: nullable(
    closed({
      person: Type.String(),
      /** null: nobody here has that id. */
      personName: nullable(Type.String()),
      type: oneOf(actTypes),
      actedAt: epochMs,
      revokedAt: epochMs,
    }),
  ),
});
export type SiteTask = Static<typeof siteTask>;

export const tasksQuery = closed({
  site: Type.Optional(name),
  gateway: Type.Optional(name),
  task: Type.Optional(oneOf(taskTypes)),
  state: Type.Optional(Type.Enum(['open', 'all'], { description: 'default: open' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  offset: Type.Optional(count),
});
export type TasksQuery = Static<typeof tasksQuery>;

/** The oldest first; of those that are over too, the newest first. */
export const tasksPage = closed({
  asOfMs: epochMs,
  tasks: Type.Array(siteTask),
  total: count,
});
export type TasksPage = Static<typeof tasksPage>;
