import { fileURLToPath } from 'node:url';
import type { UserConfig } from 'vite';
import { adoptedStylesPlugin } from './csp/adopted-styles-plugin.ts';

/**
 * Builds the console into web/dist, which the hub serves under its own origin: nothing is inlined,
 * because the content policy allows no inline script or style, and nothing is fetched from elsewhere.
 * The contract schemas are built by calls without side effects, so what the console does not use
 * of them (all but a few constants) is left out, TypeBox with it.
 */
const config: UserConfig = {
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  publicDir: false,
  plugins: [adoptedStylesPlugin()],
  resolve: {
    alias: {
      'lit/directives/style-map.js': fileURLToPath(new URL('csp/style-map.ts', import.meta.url)),
    },
  },
  build: {
    outDir: 'dist',
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

// oxlint-disable-next-line import/no-default-export -- Vite reads the default export
export default config;
