import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { configFaults } from '../config/load-config.ts';
import type { ProfileLookup } from '../config/cross-faults.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { writeFileDurably } from '../journal/durable-file.ts';

/** The config that was last in force, as it lies in the data folder. Secrets are named, not held. */
export interface KeptConfig {
  /** The file that it came from. */
  readonly file: string;
  readonly appliedAtMs: number;
  readonly config: GatewayConfig;
}

function keptConfigFile(dataDir: string): string {
  return join(dataDir, 'config-in-force.json');
}

/** Writes what is in force, on disk when this returns. @throws what the file system reports. */
export function keepConfig(dataDir: string, kept: KeptConfig): void {
  writeFileDurably(keptConfigFile(dataDir), `${JSON.stringify(kept, undefined, 2)}\n`, 0o600);
}

/**
 * What was last in force of `file`, if that would still do: a start with a broken file goes on with
 * it.
 *
 * @returns undefined where nothing is kept, or what is kept has faults by now.
 */
export function readKeptConfig(
  dataDir: string,
  file: string,
  profileOf: ProfileLookup,
): KeptConfig | undefined {
  let kept: KeptConfig;
  try {
    kept = JSON.parse(readFileSync(keptConfigFile(dataDir), 'utf8')) as KeptConfig;
  } catch {
    return undefined;
  }
  if (kept.file !== file || kept.config?.dataDir !== dataDir) return undefined;
  return configFaults(kept.config, dirname(file), profileOf).length === 0 ? kept : undefined;
}
