import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { buildSettings } from '../build-settings.ts';

/** Builds the floor page by itself, as it is served below `/floor/`. */
export async function buildFloor(outDir: string): Promise<void> {
  await build({
    ...buildSettings(outDir),
    configFile: false,
    root: fileURLToPath(new URL('.', import.meta.url)),
    base: '/floor/',
    logLevel: 'error',
  });
}
