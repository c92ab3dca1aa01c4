import { fileURLToPath } from 'node:url';
import type { UserConfig } from 'vite';
import { adoptedStylesPlugin } from './csp/adopted-styles-plugin.ts';

/**
 * What the builds of console and floor page have in common. Nothing is inlined, because the content
 * policy allows no inline script or style, and nothing is fetched from elsewhere. The contract
 * schemas are built by calls without side effects, so what a page does not use of them (all but a
 * few constants) is left out, TypeBox with it.
 */
export function buildSettings(outDir: string): UserConfig {
  return {
    publicDir: false,
    plugins: [adoptedStylesPlugin()],
    resolve: {
      alias: {
        'lit/directives/style-map.js': fileURLToPath(new URL('csp/style-map.ts', import.meta.url)),
      },
    },
    build: {
      outDir,
      emptyOutDir: true,
      manifest: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      target: 'es2023',
      rolldownOptions: {
        treeshake: {
          moduleSideEffects: [{ test: /hub\/contracts\//, sideEffects: false }],
          manualPureFunctions: ['closed', 'oneOf', 'nullable', 'Type'],
        },
      },
    },
  };
}
