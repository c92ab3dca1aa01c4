import type { Answer } from './api-problem.ts';

/** What to ask of a list that comes by page. */
export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string;
}

/** The most that the hub gives at once. */
const mostRows = 200;

/**
 * The pages of a list, one after the other, until `wanted` rows are here or there are no more. A
 * page that fails fails the whole, so that no list looks shorter than it is.
 */
export async function loadPages<P extends { readonly nextCursor: string | null }>(
  wanted: number,
  ask: (query: PageQuery) => Promise<Answer<P>>,
  sizeOf: (page: P) => number,
): Promise<Answer<readonly P[]>> {
  const pages: P[] = [];
  let left = wanted;
  let cursor: string | null | undefined;
  while (left > 0 && cursor !== null) {
    const limit = Math.min(left, mostRows);
    const answer = await ask(cursor === undefined ? { limit } : { limit, cursor });
    if (!answer.ok) return answer;
    pages.push(answer.value);
    left -= sizeOf(answer.value);
    cursor = answer.value.nextCursor;
  }
  return { ok: true, value: pages };
}
