import { pointerOf } from './config-fault.ts';

/**
 * A config of which some values may be missing because they do not fit. Lists keep their places, so
 * that paths into them stay right.
 */
export type Sound<T> = T extends readonly (infer E)[]
  ? readonly (Sound<E> | undefined)[]
  : T extends object
    ? { readonly [K in keyof T]?: Sound<T[K]> | undefined }
    : T;

/** A copy of `value` without what stands at the faulty paths (JSON pointers). */
export function soundPart<T>(value: unknown, faultyPaths: ReadonlySet<string>): Sound<T> {
  return copyWithout(value, '', faultyPaths) as Sound<T>;
}

function copyWithout(value: unknown, path: string, faulty: ReadonlySet<string>): unknown {
  if (faulty.has(path)) return undefined;
  if (Array.isArray(value)) {
    return value.map((entry, index) => copyWithout(entry, `${path}/${index}`, faulty));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => {
      const kept = copyWithout(member, `${path}${pointerOf([key])}`, faulty);
      return kept === undefined ? [] : [[key, kept]];
    }),
  );
}
