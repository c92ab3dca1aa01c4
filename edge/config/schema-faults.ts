import { Settings } from 'typebox/system';
import { Compile } from 'typebox/compile';
import type { ConfigFault } from './config-fault.ts';
import { gatewayConfig } from './gateway-config.ts';

type SchemaError = ReturnType<ReturnType<typeof Compile>['Errors']>[number];

const defaultMaxErrors = 8;
const secretKey = /pass|secret|token|seed|private/i;

/**
 * Every way in which a value is not a gateway's config: each key that is missing, unknown or has a
 * value that does not fit, once.
 */
export function schemaFaults(value: unknown): ConfigFault[] {
  const faults = errorsOf(value).flatMap((error) => faultsOf(error, value));
  const byPath = new Map<string, ConfigFault>();
  for (const fault of faults) if (!byPath.has(fault.path)) byPath.set(fault.path, fault);
  return [...byPath.values()];
}

/** TypeBox stops after a few errors unless told otherwise, and only globally. */
function errorsOf(value: unknown): SchemaError[] {
  Settings.Set({ maxErrors: 10_000 });
  try {
    return [...Compile(gatewayConfig).Errors(value)];
  } finally {
    Settings.Set({ maxErrors: defaultMaxErrors });
  }
}

function faultsOf(error: SchemaError, root: unknown): ConfigFault[] {
  const { instancePath: path } = error;
  switch (error.keyword) {
    // Says of an unknown key what `additionalProperties` says better.
    case 'boolean':
      return [];
    case 'required':
      return error.params.requiredProperties.map((key) => ({
        path: `${path}/${key}`,
        value: undefined,
        message: 'is missing',
        remedy: `Add ${key}.`,
      }));
    case 'additionalProperties':
      return error.params.additionalProperties.map((key) => ({
        path: `${path}/${key}`,
        value: secretKey.test(key) ? '[not shown]' : valueAt(root, `${path}/${key}`),
        message: 'is not known here',
        remedy: 'Correct its name or remove it; the schema lists what is known.',
      }));
    case 'enum':
      return [
        {
          path,
          value: valueAt(root, path),
          message: 'is none of the words possible here',
          remedy: `Use one of: ${error.params.allowedValues.join(', ')}.`,
        },
      ];
    default:
      return [
        { path, value: valueAt(root, path), message: error.message, remedy: remedyOf(error) },
      ];
  }
}

function remedyOf(error: SchemaError): string {
  switch (error.keyword) {
    case 'type':
      return `Write a value of type ${[error.params.type].flat().join(' or ')}.`;
    case 'pattern':
      return error.params.pattern.toString().includes('a-z0-9-')
        ? 'Use 1 to 40 lower-case letters, digits and dashes.'
        : `Write it in the form ${error.params.pattern.toString()}.`;
    case 'minimum':
    case 'maximum':
      return `Use ${error.params.limit} or ${error.keyword === 'minimum' ? 'more' : 'less'}.`;
    default:
      return 'Correct the value; the schema describes it.';
  }
}

function valueAt(root: unknown, pointer: string): unknown {
  let at = root;
  for (const part of pointer.split('/').slice(1)) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<string, unknown>)[part.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return at;
}
