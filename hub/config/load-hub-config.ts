import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Fault } from '#contracts/fault.ts';
import type { HubConfig } from './hub-config.ts';
import { configFault, parseHubConfig } from './parse-hub-config.ts';

/**
 * Loads a hub's config file.
 *
 * @throws Fault CONFIG_INVALID, with every fault of the file in `details.faults`.
 */
export async function loadHubConfig(file: string): Promise<HubConfig> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new Fault('CONFIG_INVALID', `${file} cannot be read`, {
      cause,
      details: {
        file,
        faults: [{ path: '', value: undefined, remedy: 'name a file that exists', line: null }],
      },
    });
  }
  const parsed = parseHubConfig(text, dirname(file));
  if (!parsed.ok) throw configFault(file, parsed.refusal);
  return parsed.value;
}
