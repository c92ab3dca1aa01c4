import type { ConfigFault } from '#contracts/config-fault.ts';
import type { Sound } from '#contracts/sound-part.ts';
import { Fault, messageOf } from '#contracts/fault.ts';
import type { HubConfig } from '../config/hub-config.ts';
import { configFault, readHubConfig } from '../config/load-hub-config.ts';
import { caFileOf, readCertificates } from '../enrol/enrol-address.ts';
import { hubMigrations } from '../open-hub-store.ts';
import { peekStore } from '../store/peek-store.ts';
import { readHubSecrets, type HubSecrets } from './hub-secrets.ts';
import { natsWarnings } from './nats-warnings.ts';

/** What a hub begins with. */
export interface HubStart {
  readonly config: HubConfig;
  readonly secrets: HubSecrets;
}

export interface StartCheck {
  /** Undefined where there is a fault. */
  readonly start: HubStart | undefined;
  readonly faults: readonly ConfigFault[];
  /** What works, and that a person should know. */
  readonly warnings: readonly ConfigFault[];
}

/**
 * Looks through all that a start of the hub needs of files: the config file, and what it names. It
 * changes nothing. What another process holds (a port, the store's lock) only a start finds out.
 */
export async function checkStart(file: string): Promise<StartCheck> {
  const { config, sound, faults: ofFile, locate } = await readHubConfig(file);
  const { secrets, faults: ofKeys } =
    sound.keysDir === undefined
      ? { secrets: undefined, faults: [] }
      : await readHubSecrets(sound.keysDir);
  const behind = [
    ...ofKeys.map(({ message, remedy }) => {
      return { path: '/keysDir', value: sound.keysDir, message, remedy };
    }),
    ...(await caFaults(sound)),
    ...(await storeFaults(sound.store?.file)),
  ];
  const faults = [...ofFile, ...locate(behind)];
  if (faults.length > 0 || config === undefined || secrets === undefined) {
    return { start: undefined, faults, warnings: [] };
  }
  const warnings = locate(await natsWarnings(config, secrets.loginPublic));
  return { start: { config, secrets }, faults, warnings };
}

/** @throws Fault CONFIG_INVALID with every fault that `checkStart` finds. */
export async function loadHubStart(file: string): Promise<HubStart> {
  const { start, faults } = await checkStart(file);
  if (start === undefined) throw configFault(file, faults);
  return start;
}

async function caFaults(config: Sound<HubConfig>): Promise<ConfigFault[]> {
  const ca = caFileOf(config);
  if (ca === undefined) return [];
  try {
    await readCertificates(ca.file);
    return [];
  } catch (error) {
    const remedy = 'Name a PEM file with the certificate of the CA.';
    return [{ path: ca.path, value: ca.file, message: messageOf(error), remedy }];
  }
}

async function storeFaults(file: string | undefined): Promise<ConfigFault[]> {
  if (file === undefined) return [];
  try {
    await peekStore(file, hubMigrations);
    return [];
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const remedy =
      error.code === 'STORE_VERSION'
        ? 'Run the version of the hub that wrote it, or a later one.'
        : 'Let the hub own the file and its folder, or name another file.';
    return [{ path: '/store/file', value: file, message: error.message, remedy }];
  }
}
