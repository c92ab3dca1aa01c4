/**
 * The natural keys that each source (a sensor behind a gateway) gave last, so that a message that
 * is delivered again is known. Canonical, and bounded: a source beyond `maxSources` is not
 * remembered, and its messages pass as new.
 */
export type RecentKeys = { readonly [source: string]: readonly string[] };

export const maxSources = 1000;
/** How far back a message can be and still be known: what a client has in flight, and a margin. */
export const keysPerSource = 8;

/** @returns undefined where the source gave this key already. */
export function noteKey(keys: RecentKeys, source: string, key: string): RecentKeys | undefined {
  const isKnown = Object.hasOwn(keys, source);
  if (!isKnown && Object.keys(keys).length >= maxSources) return keys;
  const recent = rememberKey(isKnown ? (keys[source] ?? []) : [], key);
  return recent === undefined ? undefined : { ...keys, [source]: recent };
}

/** As noteKey, for one source alone. */
export function rememberKey(recent: readonly string[], key: string): readonly string[] | undefined {
  return recent.includes(key) ? undefined : [...recent, key].slice(-keysPerSource);
}
