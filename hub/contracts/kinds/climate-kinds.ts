import Type from 'typebox';
import { closed, epochMs, name, oneOf } from '../schema.ts';

/** What the observers say about temperature and humidity of a zone. */

export const climateMeasures = ['temperature', 'humidity'] as const;
const bounds = ['below', 'above'] as const;

/** `value` and `limit` in thousandths of a °C, or permille of relative humidity. */
export const excursionStarted = closed({
  bound: oneOf(bounds),
  limit: Type.Integer(),
  measure: oneOf(climateMeasures),
  value: Type.Integer(),
  zone: name,
});

export const excursionEnded = closed({
  bound: oneOf(bounds),
  limit: Type.Integer(),
  measure: oneOf(climateMeasures),
  startedAt: epochMs,
  value: Type.Integer(),
  worst: Type.Integer(),
  zone: name,
});
