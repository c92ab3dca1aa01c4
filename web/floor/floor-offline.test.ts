import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { floorPaths } from '#contracts/api/floor-api.ts';
import { openFloorBrowser, type FloorBrowser } from '../testing/floor-browser.ts';
import { floorPath } from './floor-paths.ts';

const { chromium } = inject('programs');
const inChromium = chromium === '' ? describe.skip : describe;
let floor: FloorBrowser;
let page: Page;

beforeAll(async () => {
  floor = await openFloorBrowser();
}, 60_000);

afterAll(async () => {
  await floor.stop();
});

beforeEach(async () => {
  floor.server.reset();
  floor.complaints.length = 0;
  page = await floor.page({ theme: 'light', width: 390 }, 'allow');
});

afterEach(() => page.context().close());

const said = (text: string | RegExp) => page.getByText(text).first();
const keptPaths = () =>
  page.evaluate(async () => {
    const found: string[] = [];
    for (const name of await caches.keys()) {
      for (const { url } of await (await caches.open(name)).keys())
        found.push(new URL(url).pathname);
    }
    return found.sort();
  });

/** The page, once it says that it opens without the network. */
async function kept() {
  await page.goto(floor.url + floorPath({ screen: 'person' }));
  await said('yes: a reload shows it').waitFor();
}

inChromium('the floor page without a network', () => {
  test('is shown by a reload, says what is wrong, and goes on by itself', async () => {
    await kept();
    await page.goto(floor.url + floorPath({ screen: 'count', zone: 'storage' }));
    await page.getByRole('textbox', { name: '22423, lot L881' }).fill('238');
    await page.context().setOffline(true);
    await page.reload();
    await said('The gateway does not answer').waitFor();
    await floor.shoot(page, 'floor-reload-offline-light-390');
    expect(await floor.axe(page)).toEqual([]);
    await page.context().setOffline(false);
    await said('1 of 3 lines counted').waitFor({ timeout: 15_000 });
    expect(floor.complaints.filter((each) => !/Failed to load resource/.test(each))).toEqual([]);
  });

  test('keeps the page and its files of one build, and nothing that the gateway said', async () => {
    await kept();
    await page.goto(floor.url + floorPath({ screen: 'find', code: '22423' }));
    await said('In the book').waitFor();
    const paths = await keptPaths();
    expect(paths.length).toBeGreaterThan(20);
    for (const path of paths) {
      expect(path === floorPaths.page || path.startsWith('/floor/assets/')).toBe(true);
    }
    expect(await page.evaluate(() => caches.keys())).toHaveLength(1);
  });

  test('comes from the gateway while that answers, in the build that is there now', async () => {
    await kept();
    floor.server.pageSays = '<!doctype html><title>The next build</title>';
    await page.reload();
    expect(await page.title()).toBe('The next build');
    floor.server.pageStatus = 502;
    await page.reload();
    await said('Marie Duval').waitFor();
  });
});
