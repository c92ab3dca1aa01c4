import { readFileSync } from 'node:fs';
import type { ConfigApplier } from '../live/config-applier.ts';
import { configHash } from '../live/config-hash.ts';
import type { ConfigSource } from '../live/config-source.ts';
import { configOf } from '../config/load-config.ts';
import type { ConfigTrial } from './config-trial.ts';
import type { LocalOverride } from './local-override.ts';

/** What is to become of the config in force, as `hub-config.json` keeps it over a restart. */
export interface HubConfigState {
  readonly trial?: ConfigTrial;
  readonly override?: LocalOverride;
}

/** The text that is in force: the file where it holds that; else what is in force, as JSON. */
export function textInForce(source: ConfigSource, applier: ConfigApplier): string {
  const { config } = applier.settings;
  try {
    const text = readFileSync(source.file, 'utf8');
    const read = configOf(source.check(text));
    if (read.ok && configHash(read.value) === configHash(config)) return text;
  } catch {
    // What cannot be read is not what is in force.
  }
  return JSON.stringify(config, undefined, 2);
}
