import type { TSchema } from 'typebox';
import { namePattern } from './ids.ts';

/** The parts of a JSON Schema that config files use, read once into a form with types. */
export interface SchemaParts {
  readonly schema: TSchema;
  readonly type: string | undefined;
  readonly description: string | undefined;
  readonly properties: readonly (readonly [string, SchemaParts])[];
  readonly required: ReadonlySet<string>;
  readonly closed: boolean;
  readonly items: SchemaParts | undefined;
  readonly anyOf: readonly SchemaParts[] | undefined;
  /** The words of an enum or of a literal. */
  readonly words: readonly string[];
  /** A literal, by which the arm of a union is known. */
  readonly discriminates: boolean;
  readonly pattern: string | undefined;
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  readonly minLength: number | undefined;
  readonly maxLength: number | undefined;
  readonly minItems: number | undefined;
  readonly maxItems: number | undefined;
}

/** The keywords as JSON Schema (draft 2020-12) names them. */
type Keywords = Partial<{
  type: string;
  description: string;
  properties: Record<string, TSchema>;
  required: string[];
  additionalProperties: unknown;
  items: TSchema;
  anyOf: TSchema[];
  enum: unknown[];
  const: unknown;
  pattern: string;
  minimum: number;
  maximum: number;
  minLength: number;
  maxLength: number;
  minItems: number;
  maxItems: number;
}>;

export function schemaParts(schema: TSchema): SchemaParts {
  const keywords = schema as Keywords;
  const words = keywords.const === undefined ? (keywords.enum ?? []) : [keywords.const];
  return {
    schema,
    type: keywords.type,
    description: keywords.description,
    properties: Object.entries(keywords.properties ?? {}).map(
      ([key, member]) => [key, schemaParts(member)] as const,
    ),
    required: new Set(keywords.required),
    closed: keywords.additionalProperties === false,
    items: keywords.items === undefined ? undefined : schemaParts(keywords.items),
    anyOf: keywords.anyOf?.map(schemaParts),
    words: words.map(String),
    discriminates: keywords.const !== undefined,
    pattern: keywords.pattern,
    minimum: keywords.minimum,
    maximum: keywords.maximum,
    minLength: keywords.minLength,
    maxLength: keywords.maxLength,
    minItems: keywords.minItems,
    maxItems: keywords.maxItems,
  };
}

/** What a schema wants, in words: `a whole number from 1 to 65535`. */
export function expectationOf(schema: SchemaParts): string {
  const { description, pattern } = schema;
  if (description === undefined) return wantedOf(schema);
  // Words say more than a pattern.
  return `${pattern === undefined ? wantedOf(schema) : 'text'} (${description})`;
}

function wantedOf(schema: SchemaParts): string {
  if (schema.anyOf !== undefined) {
    return joinWords([...new Set(schema.anyOf.map(wantedOf))], 'or');
  }
  if (schema.words.length > 0) {
    return joinWords(
      schema.words.map((word) => (schema.type === 'integer' ? word : `"${word}"`)),
      'or',
    );
  }
  switch (schema.type) {
    case 'integer':
      return `a whole number${range(schema.minimum, schema.maximum)}`;
    case 'number':
      return `a number${range(schema.minimum, schema.maximum)}`;
    case 'boolean':
      return 'true or false';
    case 'null':
      return 'nothing (null)';
    case 'array':
      return `a list${lengthOf(schema.minItems, schema.maxItems, 'entries')}`;
    case 'object':
      return `an object with ${joinWords(objectKeys(schema), 'and')}`;
    case 'string':
      return textWanted(schema);
    default:
      return 'another value';
  }
}

function objectKeys(schema: SchemaParts): readonly string[] {
  const literal = schema.properties.find(([, member]) => member.discriminates);
  if (literal !== undefined) return [`${literal[0]}: ${literal[1].words.join()}`];
  return schema.required.size > 0 ? [...schema.required] : schema.properties.map(([key]) => key);
}

function textWanted(schema: SchemaParts): string {
  if (schema.pattern === namePattern) {
    return 'a name of 1 to 40 lower-case letters, digits and dashes';
  }
  if (schema.pattern !== undefined) return `text that matches ${schema.pattern}`;
  return `text${lengthOf(schema.minLength, schema.maxLength, 'characters')}`;
}

function range(minimum: number | undefined, maximum: number | undefined): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return ` of at least ${minimum}`;
  return maximum === undefined ? '' : ` of at most ${maximum}`;
}

function lengthOf(
  minimum: number | undefined,
  maximum: number | undefined,
  what: 'entries' | 'characters',
): string {
  if (minimum !== undefined && maximum !== undefined) return ` of ${minimum} to ${maximum} ${what}`;
  if (minimum !== undefined) return ` of at least ${minimum} ${what}`;
  return maximum === undefined ? '' : ` of at most ${maximum} ${what}`;
}

/** `a`, `a or b`, `a, b or c`. */
export function joinWords(words: readonly string[], last: 'and' | 'or'): string {
  if (words.length <= 1) return words.join();
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1) ?? ''}`;
}
