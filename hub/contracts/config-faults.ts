import type { TSchema } from 'typebox';
import { editDistance } from './edit-distance.ts';
import { expectationOf, joinWords, schemaParts, type SchemaParts } from './schema-words.ts';
import { faultsOf, validate } from './validate.ts';

/** One thing that is wrong in a config file, as a person needs it: where, what, and what to do. */
export interface FormFault {
  /** As one would say it: `devices[2].mqtt.port`; empty for the file as a whole. */
  readonly path: string;
  /** The same path in parts, for finding the line. Of a missing key: the object that lacks it. */
  readonly keys: readonly (string | number)[];
  /** What stands there now, shortened; undefined where nothing does. */
  readonly value: unknown;
  readonly remedy: string;
}

type Keys = readonly (string | number)[];

/**
 * Every fault of a parsed config file at once. `validate` decides whether there is any; this walk
 * only words them, because a validator stops after a few and reports every arm of a union.
 *
 * @returns an empty list exactly when the value fits.
 */
export function describeFaults(schema: TSchema, value: unknown): FormFault[] {
  if (validate(schema, value).ok) return [];
  const faults: FormFault[] = [];
  describeAt(schemaParts(schema), value, [], faults);
  return faults.length > 0 ? faults : unworded(schema, value);
}

/** The path as a person writes it. */
export function pathText(keys: Keys): string {
  return keys
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
    .join('')
    .replace(/^\./, '');
}

/** The validator's own words, for keywords that the walk below does not know. */
function unworded(schema: TSchema, value: unknown): FormFault[] {
  return faultsOf(schema, value).map((fault) => {
    const keys = fault.path.split('/').slice(1);
    return { path: pathText(keys), keys, value: shown(fault.value), remedy: fault.message };
  });
}

function describeAt(schema: SchemaParts, value: unknown, keys: Keys, faults: FormFault[]): void {
  if (schema.anyOf !== undefined) {
    describeUnion(schema, schema.anyOf, value, keys, faults);
  } else if (schema.type === 'object' && isRecord(value)) {
    describeObject(schema, value, keys, faults);
  } else if (schema.type === 'array' && Array.isArray(value)) {
    const length = value.length;
    if (length < (schema.minItems ?? 0) || length > (schema.maxItems ?? Infinity)) {
      faults.push(faultAt(keys, `${length} entries`, `use ${expectationOf(schema)}`));
    }
    const { items } = schema;
    if (items === undefined) return;
    value.forEach((entry, index) => describeAt(items, entry, [...keys, index], faults));
  } else if (!validate(schema.schema, value).ok) {
    faults.push(faultAt(keys, value, `use ${expectationOf(schema)}${hint(schema, value)}`));
  }
}

function describeObject(
  schema: SchemaParts,
  value: Record<string, unknown>,
  keys: Keys,
  faults: FormFault[],
): void {
  for (const [key, member] of schema.properties) {
    const present = Object.hasOwn(value, key) && value[key] !== undefined;
    if (present) {
      describeAt(member, value[key], [...keys, key], faults);
    } else if (schema.required.has(key)) {
      const path = pathText([...keys, key]);
      faults.push({ path, keys, value: undefined, remedy: `add it: ${expectationOf(member)}` });
    }
  }
  if (!schema.closed) return;
  const known = schema.properties.map(([key]) => key);
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const meant = closest(key, known);
    const remedy =
      meant === undefined
        ? `remove it: known here are ${joinWords(known, 'and')}`
        : `write "${meant}" if you meant that, else remove it`;
    faults.push(faultAt([...keys, key], value[key], remedy));
  }
}

/** Words the faults of the one arm that was meant: its discriminating word fits, or its type. */
function describeUnion(
  schema: SchemaParts,
  arms: readonly SchemaParts[],
  value: unknown,
  keys: Keys,
  faults: FormFault[],
): void {
  if (arms.some((arm) => validate(arm.schema, value).ok)) return;
  const meant = meantArms(arms, value);
  const [only] = meant;
  if (only !== undefined && meant.length === 1) {
    describeAt(only, value, keys, faults);
    return;
  }
  const by = isRecord(value) && meant.length === 0 ? discriminatorOf(arms) : undefined;
  if (by !== undefined && isRecord(value)) {
    const quoted = by.words.map((each) => `"${each}"`);
    const remedy = `use ${joinWords(quoted, 'or')}`;
    const word = value[by.key];
    const near = typeof word === 'string' ? closest(word, by.words) : undefined;
    const hinted = near === undefined ? '' : ` (did you mean "${near}"?)`;
    faults.push(faultAt([...keys, by.key], word, `${remedy}${hinted}`));
  } else {
    faults.push(faultAt(keys, value, `use ${expectationOf(schema)}`));
  }
}

/** The key by whose word every arm is known, and the words. */
function discriminatorOf(
  arms: readonly SchemaParts[],
): { readonly key: string; readonly words: readonly string[] } | undefined {
  const found = arms.map(({ properties }) => properties.find(([, member]) => member.discriminates));
  const [first] = found;
  if (first === undefined || found.some((one) => one?.[0] !== first[0])) return undefined;
  return { key: first[0], words: found.flatMap((one) => one?.[1].words ?? []) };
}

/** Where several may be meant, the one of which all keys are there. */
function meantArms(arms: readonly SchemaParts[], value: unknown): readonly SchemaParts[] {
  const meant = arms.filter((arm) => isMeant(arm, value));
  if (meant.length < 2 || !isRecord(value)) return meant;
  const whole = meant.filter(
    ({ required }) => required.size > 0 && [...required].every((key) => Object.hasOwn(value, key)),
  );
  return whole.length === 1 ? whole : meant;
}

function isMeant(arm: SchemaParts, value: unknown): boolean {
  if (arm.type === 'array') return Array.isArray(value);
  if (arm.type !== 'object' || !isRecord(value)) return false;
  return arm.properties.every(
    ([key, member]) => !member.discriminates || validate(member.schema, value[key]).ok,
  );
}

function hint(schema: SchemaParts, value: unknown): string {
  if (typeof value === 'string' && schema.words.length > 0) {
    const meant = closest(value, schema.words);
    return meant === undefined ? '' : ` (did you mean "${meant}"?)`;
  }
  const numeric = schema.type === 'integer' || schema.type === 'number';
  if (numeric && typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) {
    return ', without quotes';
  }
  return schema.type === 'string' && typeof value === 'number' ? ', in quotes' : '';
}

/** A known word at most two edits away, so that `prot` finds `port` and `colour` nothing. */
function closest(word: string, known: readonly string[]): string | undefined {
  let best: { word: string; distance: number } | undefined;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < Math.min(best?.distance ?? 3, candidate.length)) {
      best = { word: candidate, distance };
    }
  }
  return best?.word;
}

function faultAt(keys: Keys, value: unknown, remedy: string): FormFault {
  const last = keys.at(-1);
  const secret = typeof last === 'string' && /pass|secret|token|seed|private/i.test(last);
  return { path: pathText(keys), keys, value: secret ? '[hidden]' : shown(value), remedy };
}

/** Someone's mistake may be a whole file: enough of it to recognise it. */
function shown(value: unknown): unknown {
  if (typeof value === 'string' && value.length > 80) return `${value.slice(0, 77)}...`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return isRecord(value) ? 'an object' : value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
