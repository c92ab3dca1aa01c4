import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { inject } from 'vitest';
import type { PageServer } from './page-server.ts';

const shots = fileURLToPath(new URL('../../.holdfast/screens/', import.meta.url));

export interface Look {
  readonly theme: 'light' | 'dark';
  readonly width: 1440 | 390;
}

/** Every look that a screen must stand in. */
export const everyLook: readonly Look[] = (['light', 'dark'] as const).flatMap((theme) =>
  ([1440, 390] as const).map((width) => ({ theme, width })),
);

export interface AxeFault {
  readonly id: string;
  readonly where: string;
}

/** A fixed time, so that words on screen can be asserted: 14:02:31 in Paris. */
export const fixtureNowMs = Date.UTC(2026, 10, 22, 13, 2, 31);

/** A built page in a real browser, before a server of the tests. One for a test file. */
export class PageBrowser<S extends PageServer> {
  readonly server: S;
  readonly url: string;
  /** What the page said to its console that it should not, since the last look. */
  readonly complaints: string[] = [];
  readonly #browser: Browser;
  readonly #dist: string;

  constructor(browser: Browser, server: S, url: string, dist: string) {
    this.#browser = browser;
    this.server = server;
    this.url = url;
    this.#dist = dist;
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    this.server.stop();
    await rm(this.#dist, { recursive: true, force: true });
  }

  /** A page of a fresh session, for tests of behaviour. Close its context when done. */
  async page(
    look: Look = { theme: 'light', width: 1440 },
    serviceWorkers: 'allow' | 'block' = 'block',
  ): Promise<Page> {
    const context = await this.#context(look, serviceWorkers);
    const page = await context.newPage();
    page.on('console', (message) => {
      const isBlocked = message.text() === 'Service Worker registration blocked by Playwright';
      if ((message.type() === 'error' || message.type() === 'warning') && !isBlocked) {
        this.complaints.push(message.text());
      }
    });
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.setDefaultTimeout(5000);
    return page;
  }

  async shoot(page: Page, name: string): Promise<void> {
    await page.screenshot({ path: join(shots, `${name}.png`) });
  }

  /** What axe finds that is serious or critical. */
  async axe(page: Page): Promise<AxeFault[]> {
    // Large: once for each document is enough.
    const isThere = await page.evaluate(() => 'axe' in globalThis);
    if (!isThere) await page.evaluate(axe.source);
    return page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run: () => Promise<AxeResults> } };
      interface AxeResults {
        violations: { id: string; impact: string; nodes: { target: unknown; html: string }[] }[];
      }
      const { violations } = await axe.run();
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, nodes }) =>
          nodes.map(({ target, html }) => ({ id, where: `${JSON.stringify(target)} ${html}` })),
        );
    });
  }

  #context(look: Look, serviceWorkers: 'allow' | 'block'): Promise<BrowserContext> {
    return this.#browser.newContext({
      serviceWorkers,
      viewport: { width: look.width, height: look.width === 390 ? 844 : 900 },
      colorScheme: look.theme,
      timezoneId: 'Europe/Paris',
      locale: 'en-GB',
      reducedMotion: 'reduce',
    });
  }
}

/** Builds a page into a folder of its own and opens a browser before its server. */
export async function openPageBrowser<S extends PageServer>(
  build: (dist: string) => Promise<void>,
  serve: (dist: string) => S,
): Promise<PageBrowser<S>> {
  const dist = await mkdtemp(join(tmpdir(), 'holdfast-page-'));
  await inProduction(() => build(dist));
  const server = serve(dist);
  const url = await server.start();
  const browser = await chromium.launch({
    executablePath: inject('programs').chromium,
    args: ['--headless=new', '--no-sandbox', '--disable-background-networking'],
  });
  await mkdir(shots, { recursive: true });
  return new PageBrowser(browser, server, url, dist);
}

/** As it is built to be served: Vite takes NODE_ENV, which a test runner sets, over its mode. */
async function inProduction(build: () => Promise<void>): Promise<void> {
  const before = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  await build();
  process.env['NODE_ENV'] = before;
}

/** Whether the page itself scrolls sideways. */
export function scrollsSideways(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
}
