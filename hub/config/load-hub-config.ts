import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ConfigFault } from '#contracts/config-fault.ts';
import { Fault, messageOf } from '#contracts/fault.ts';
import type { HubConfig } from './hub-config.ts';
import { parseHubConfig, type ParsedHubConfig } from './parse-hub-config.ts';

/**
 * Loads a hub's config file, for a command that needs not all that it names.
 *
 * @throws Fault CONFIG_INVALID, with every fault of the file in `details.faults`.
 */
export async function loadHubConfig(file: string): Promise<HubConfig> {
  const { config, faults } = await readHubConfig(file);
  if (config === undefined) throw configFault(file, faults);
  return config;
}

/** Reads and parses a file; one that cannot be read has that as its fault. */
export async function readHubConfig(file: string): Promise<ParsedHubConfig> {
  try {
    return parseHubConfig(await readFile(file, 'utf8'), dirname(file));
  } catch (error) {
    const remedy = 'Name a file that is there and can be read.';
    const faults = [{ path: '', value: file, message: messageOf(error), remedy }];
    return { config: undefined, sound: {}, faults, locate: (further) => [...further] };
  }
}

/** A file with faults, for callers that cannot go on with one. */
export function configFault(file: string, faults: readonly ConfigFault[]): Fault {
  const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`;
  return new Fault('CONFIG_INVALID', `${file} has ${count}`, { details: { file, faults } });
}
