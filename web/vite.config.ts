import { fileURLToPath } from 'node:url';
import type { UserConfig } from 'vite';
import { buildSettings } from './build-settings.ts';
import { floorPagePlugin } from './floor/floor-page-plugin.ts';

const settings = buildSettings('dist');

/**
 * Builds the console into web/dist, which the hub serves under its own origin, and the floor page
 * into `floor` within it, which each gateway serves below `/floor/`.
 */
const config: UserConfig = {
  ...settings,
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  plugins: [...(settings.plugins ?? []), floorPagePlugin()],
};

// oxlint-disable-next-line import/no-default-export -- Vite reads the default export
export default config;
