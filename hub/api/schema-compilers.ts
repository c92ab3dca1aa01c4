import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { describeFaults } from '#contracts/config-faults.ts';
import { Fault } from '#contracts/fault.ts';
import type { HubApp } from './hub-app.ts';

/**
 * Requests are checked by the schemas of #contracts, and every fault is told at once. Answers are
 * written as they are: Fastify's own serializer would turn a null number into 0, and unknown must
 * never look like zero; types and tests keep answers to their schemas.
 */
export function setSchemaCompilers(app: HubApp): void {
  app.setValidatorCompiler<TSchema>(({ schema, httpPart }) => (input: unknown) => {
    // Query and path are text: numbers must be read from it. A body says itself what it is.
    const value = httpPart === 'body' ? input : Value.Convert(schema, Value.Clone(input));
    const faults = describeFaults(schema, value).map((fault) => ({
      path: fault.path,
      value: fault.value ?? null,
      message: fault.remedy,
    }));
    if (faults.length === 0) return { value };
    const [first] = faults;
    const place = first === undefined || first.path === '' ? (httpPart ?? 'request') : first.path;
    const message = `${place}: ${first?.message ?? 'does not fit'}`;
    return { error: new Fault('BAD_INPUT', message, { details: { faults } }) };
  });
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
}
