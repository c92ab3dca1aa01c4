import { join, resolve } from 'node:path';
import type { Plugin } from 'vite';
import { buildFloor } from './build-floor.ts';

/** Builds the floor page after the console, into `floor` within the console's output. */
export function floorPagePlugin(): Plugin {
  let outDir = '';
  return {
    name: 'holdfast-floor-page',
    apply: 'build',
    configResolved(config) {
      outDir = join(resolve(config.root, config.build.outDir), 'floor');
    },
    closeBundle: {
      sequential: true,
      async handler(error) {
        if (error === undefined) await buildFloor(outDir);
      },
    },
  };
}
