import { checkDigit } from '../../devices/epc/check-digit.ts';
import { gtinOf } from '../../devices/gs1/bare-gtin.ts';

const numbered = /^(sscc:(?=\d{18}$)|grai:(?=\d{13}:))(\d+)(\d)(:.*)?$/;

/** One name that a person or a system wrote in a way that would mean something else here. */
export interface NameFault {
  readonly keys: readonly (string | number)[];
  readonly value: string;
  readonly remedy: string;
}

/** What counts as known, however it is written. */
export interface KnownNames {
  readonly isItem: (item: string) => boolean;
  readonly isUnit: (unit: string) => boolean;
}

/**
 * What to write instead of a handling unit's number that has a wrong check digit (GS1 General
 * Specifications 7.9.1); undefined: nothing, it is right or has none. A tag or a barcode never says
 * such a number, so it would be a unit of its own. To be asked where a number is new, never of what
 * is in a log or a journal already.
 */
export function unitRemedy(unit: string): string | undefined {
  const [, begin = '', digits = '', given, rest = ''] = numbered.exec(unit) ?? [];
  if (given === undefined) return undefined;
  const right = checkDigit(digits);
  if (right === given) return undefined;
  const name = `${begin}${digits}${right}${rest}`;
  return `read it again: with these digits the check digit is ${right}, as in ${name}`;
}

/**
 * What to write instead of an item number that is a GTIN of another length than 14; undefined:
 * nothing. Tags and barcodes give a GTIN in 14 digits, whatever its length on the label (GS1 General
 * Specifications 3.3), and item numbers are compared as they are written. A number of a site's own
 * that looks like one is told apart by its entry under `items` of the config.
 */
export function itemRemedy(item: string): string | undefined {
  const gtin = gtinOf(item);
  if (gtin === undefined || gtin === item) return undefined;
  const own = 'if it is a number of your own, list it under items of the config';
  return `write ${gtin}, as tags and barcodes give this GTIN; ${own}`;
}

/**
 * All names of units and items in an act or the like, wherever they stand, that are not known and
 * would mean something else than was meant.
 */
export function nameFaults(value: unknown, known: KnownNames): NameFault[] {
  return Object.entries(value ?? {}).flatMap(([key, of]) => faultsAt([key], key, of, known));
}

const unitKeys = new Set(['unit', 'units', 'parent', 'handlingUnit']);
const itemKeys = new Set(['item', 'items']);

function faultsAt(
  keys: readonly (string | number)[],
  key: string,
  value: unknown,
  known: KnownNames,
): NameFault[] {
  if (Array.isArray(value)) {
    return value.flatMap((one: unknown, at) => faultsAt([...keys, at], key, one, known));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([name, of]) =>
      faultsAt([...keys, name], name, of, known),
    );
  }
  if (typeof value !== 'string') return [];
  if (unitKeys.has(key)) {
    const remedy = unitRemedy(value);
    return remedy === undefined || known.isUnit(value) ? [] : [{ keys, value, remedy }];
  }
  const remedy = itemKeys.has(key) ? itemRemedy(value) : undefined;
  return remedy === undefined || known.isItem(value) ? [] : [{ keys, value, remedy }];
}
