import { editDistance } from '#contracts/edit-distance.ts';
import { ownSections, siteSections, type ConfigSection } from '#contracts/config-sections.ts';

/** One thing that no gateway would take. */
export interface SectionFault {
  readonly keys: readonly (string | number)[];
  readonly message: string;
  readonly remedy: string;
}

/**
 * What is wrong with a text whatever gateway it is for: names of sections, their form, entries
 * without a name, and names that stand twice. The gateway judges what is within.
 */
export function sectionFaults(value: Readonly<Record<string, unknown>>): SectionFault[] {
  return Object.entries(value).flatMap(([key, of]) => {
    const section = siteSections.get(key);
    if (section !== undefined) return formFaults(key, of, section);
    return ownSections.has(key) ? [] : [unknownSection(key)];
  });
}

function unknownSection(key: string): SectionFault {
  const known = [...siteSections.keys()];
  const meant = known.find((one) => editDistance(key.toLowerCase(), one.toLowerCase()) <= 2);
  const remedy =
    meant === undefined ? `Remove it: known are ${known.join(', ')}.` : `Write ${meant}:.`;
  return { keys: [key], message: `${key} is no section of a configuration`, remedy };
}

function formFaults(key: string, value: unknown, { form, key: named }: ConfigSection) {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (form === 'object') {
    if (isObject) return [];
    const remedy = 'Write its keys below it, as in the file of a gateway.';
    return [{ keys: [key], message: `${key} is no object`, remedy }];
  }
  if (!Array.isArray(value)) {
    const remedy = `Write a list: a line with a dash for each of the ${key}.`;
    return [{ keys: [key], message: `${key} is no list`, remedy }];
  }
  return named === undefined ? [] : entryFaults(key, value, named);
}

function entryFaults(key: string, list: readonly unknown[], named: 'id' | 'item'): SectionFault[] {
  const seen = new Set<string>();
  return list.flatMap((entry, index) => {
    const name: unknown = (entry as Record<string, unknown> | null | undefined)?.[named];
    if (typeof name !== 'string' || name === '') {
      const message = `${key}[${index}] has no ${named}`;
      return [{ keys: [key, index], message, remedy: `Give it an ${named}, as text.` }];
    }
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    const message = `${name} is there twice`;
    return [{ keys: [key, index, named], message, remedy: 'Keep one of them.' }];
  });
}
