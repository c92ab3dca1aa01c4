import type { Static, TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { refuse, succeed, type Result } from './fault.ts';

const compiled = new WeakMap<TSchema, Validator>();

function compiledOf(schema: TSchema): Validator {
  let validator = compiled.get(schema);
  if (validator === undefined) {
    validator = Compile(schema);
    compiled.set(schema, validator);
  }
  return validator;
}

/** One thing that is wrong with a value: where, what stands there, and what is expected. */
export interface SchemaFault {
  readonly path: string;
  readonly value: unknown;
  readonly message: string;
}

/** Checks a value against a schema; the refusal names the first fault and carries all of them. */
export function validate<S extends TSchema>(schema: S, value: unknown): Result<Static<S>> {
  if (compiledOf(schema).Check(value)) return succeed(value as Static<S>);
  const faults = faultsOf(schema, value);
  const [first] = faults;
  const message = first === undefined ? 'does not fit' : `${first.path || '/'} ${first.message}`;
  return refuse('BAD_INPUT', message, { faults });
}

/** Every fault of a value at once. Paths are JSON pointers. */
export function faultsOf(schema: TSchema, value: unknown): SchemaFault[] {
  return compiledOf(schema)
    .Errors(value)
    .map((error) => ({
      path: error.instancePath,
      value: valueAt(value, error.instancePath),
      message: error.message,
    }));
}

function valueAt(value: unknown, pointer: string): unknown {
  let at = value;
  for (const part of pointer.split('/').slice(1)) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<string, unknown>)[part.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return at;
}
