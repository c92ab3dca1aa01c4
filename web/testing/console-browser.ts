import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { FixtureServer } from './fixture-server.ts';
import { fixtureNowMs, openPageBrowser, type PageBrowser } from './page-browser.ts';

const configFile = fileURLToPath(new URL('../vite.config.ts', import.meta.url));

/** The built console in a real browser, before a fixture server. One for a test file. */
export type ConsoleBrowser = PageBrowser<FixtureServer>;

export function openConsoleBrowser(): Promise<ConsoleBrowser> {
  return openPageBrowser(
    async (outDir) => {
      await build({ configFile, logLevel: 'error', build: { outDir, emptyOutDir: true } });
    },
    (dist) => new FixtureServer(dist, fixtureNowMs),
  );
}
