import Type from 'typebox';
import { closed } from '../schema.ts';

/** Every error of the API: a code from the fault table, what is wrong, and where. */
export const problem = closed(
  {
    code: Type.String(),
    message: Type.String(),
    retryable: Type.Boolean(),
    faults: Type.Optional(
      Type.Array(closed({ path: Type.String(), value: Type.Unknown(), message: Type.String() })),
    ),
  },
  { $id: 'Problem' },
);
