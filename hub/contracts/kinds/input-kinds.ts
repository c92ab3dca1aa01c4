import type { Static } from 'typebox';
import Type from 'typebox';
import { closed, name, oneOf } from '../schema.ts';

/** What the observers say about digital inputs: photo eyes, push buttons, door contacts. */

const inputLevels = ['high', 'low'] as const;
const inputLevel = oneOf(inputLevels);
export type InputLevel = Static<typeof inputLevel>;

/** Without `from`: the first that was heard of this input. */
export const inputChanged = closed({
  from: Type.Optional(inputLevel),
  input: name,
  level: inputLevel,
  zone: Type.Optional(name),
});
