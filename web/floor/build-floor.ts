import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { buildSettings } from '../build-settings.ts';
import { workerFile, workerPlugin } from './worker/worker-plugin.ts';

const base = '/floor/';
const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Builds the floor page by itself, as it is served below `/floor/`, with its worker. */
export async function buildFloor(outDir: string): Promise<void> {
  const settings = buildSettings(outDir);
  await build({
    ...settings,
    configFile: false,
    root: pathOf('.'),
    base,
    logLevel: 'error',
    plugins: [...(settings.plugins ?? []), workerPlugin(base)],
    build: {
      ...settings.build,
      rolldownOptions: {
        ...settings.build?.rolldownOptions,
        input: { index: pathOf('index.html'), worker: pathOf('worker/floor-worker.ts') },
        output: {
          entryFileNames: ({ name }) =>
            name === 'worker' ? workerFile : 'assets/[name]-[hash].js',
        },
      },
    },
  });
}
