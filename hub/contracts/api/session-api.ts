import Type from 'typebox';
import type { Static } from 'typebox';
import { closed, epochMs } from '../schema.ts';

export const signInBody = closed({
  username: Type.String({ minLength: 1, maxLength: 80 }),
  password: Type.String({ minLength: 1, maxLength: 200 }),
});

/** Who is signed in. The session itself is an HttpOnly cookie. */
export const session = closed({
  username: Type.String(),
  role: Type.Enum(['administrator']),
  expiresAt: epochMs,
  /** So that a page offers no more; each request is judged anew. */
  may: Type.Array(Type.String(), { description: 'what they may see and do' }),
});
export type Session = Static<typeof session>;

/** Every request that changes something carries this header: no other origin can send it. */
export const csrfHeader = 'x-holdfast-request';
