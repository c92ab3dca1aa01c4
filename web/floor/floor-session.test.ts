import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { openFloorBrowser, type FloorBrowser } from '../testing/floor-browser.ts';
import { everyLook, fixtureNowMs, scrollsSideways, type Look } from '../testing/page-browser.ts';
import { floorPath, type FloorView } from './floor-paths.ts';

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

beforeEach(() => {
  floor.server.reset();
  floor.complaints.length = 0;
});

afterEach(() => page.context().close());

async function open(view: FloorView, look: Look = { theme: 'light', width: 390 }): Promise<void> {
  page = await floor.page(look);
  await page.goto(floor.url + floorPath(view));
}

const button = (name: string | RegExp) => page.getByRole('button', { name });
const said = (text: string | RegExp) => page.getByText(text).first();
const clean = async () => {
  expect(await scrollsSideways(page)).toBe(false);
  expect(await floor.axe(page)).toEqual([]);
  expect(floor.complaints.filter((each) => !/Failed to load resource/.test(each))).toEqual([]);
};

async function signIn(): Promise<void> {
  await page.getByRole('textbox', { name: 'User name' }).fill('marie');
  await page.getByLabel('Password or PIN', { exact: true }).fill('right');
  await button('Sign in').click();
}

inChromium('a session on the floor page', () => {
  test('is said to end soon, and goes on when the page is touched', async () => {
    floor.server.sessionMs = 4 * 60_000;
    await open({ screen: 'adjust', code: '85123A' });
    await said('You are signed out at').waitFor({ timeout: 25_000 });
    await floor.shoot(page, 'floor-session-ends-light-390');
    await clean();
    await button('Stay signed in').click();
    await said('You are signed out at').waitFor({ state: 'detached' });
    expect(floor.server.sessionMs).toBeUndefined();
  }, 40_000);

  test('that ended keeps what was typed for who comes back, and shows it to nobody', async () => {
    await open({ screen: 'adjust', code: '85123A' });
    const many = page.getByRole('textbox', { name: 'How many' });
    await many.fill('4');
    await page.getByText('Damaged', { exact: true }).click();
    floor.server.scenario = 'signed-out';
    await said('Your session ended.').waitFor({ timeout: 15_000 });
    expect(await said('85123A').isVisible()).toBe(false);
    await page.keyboard.type('5012345678900\n', { delay: 1 });
    await clean();
    await signIn();
    await button('Adjust 85123A in storage by −4').waitFor();
    expect(await many.inputValue()).toBe('4');
  });

  test('brings acts of somebody whose rights ended, and says whose others still wait', async () => {
    await open({ screen: 'home' });
    await said('Marie Duval').waitFor();
    await page.evaluate(() => {
      const keep = (id: string, person: string, name: string, madeAtMs: number) => {
        const title = 'Move 5 × 22423 to dock-3';
        const act = { id, person, name, title, madeAtMs, body: { id } };
        localStorage.setItem(`holdfast-floor-act-${id}`, JSON.stringify(act));
      };
      keep('act-00001', 'p-gone', 'Old Hand', 1);
      keep('act-00002', 'p-2', 'Ole Lund', 2);
    });
    floor.server.scenario = 'signed-out';
    await page.reload();
    await said('1 act of Old Hand and 1 act of Ole Lund on this device').waitFor();
    await floor.shoot(page, 'floor-sign-in-waiting-light-390');
    await clean();
    await signIn();
    await said('Sent for review: 1 act of somebody without rights now.').waitFor();
    await floor.shoot(page, 'floor-brought-light-390');
    await clean();
    await button('Seen').click();
    await page.getByRole('link', { name: /Marie Duval/ }).click();
    await said('1 act of Ole Lund').waitFor();
    expect(await page.getByText('Old Hand').count()).toBe(0);
  });
});

inChromium('the floor page in trouble', () => {
  test.each(everyLook)(
    'hub away and no room: it is red, $theme at $width',
    async (look) => {
      floor.server.hub = 'away';
      floor.server.banner = { room: { bytes: 900_000_000, days: 0.2 } };
      await open({ screen: 'home' }, look);
      await said('and room runs out').waitFor();
      await floor.shoot(page, `floor-red-room-${look.theme}-${look.width}`);
      await clean();
      floor.server.banner = {
        intake: { state: 'held', reason: 'disk-full', sinceMs: fixtureNowMs },
        journal: 'blocked',
        room: { bytes: 0, days: 0 },
      };
      await said('The gateway takes nothing in right now').waitFor();
      await said('Its disk is full.').waitFor();
      expect(await page.getByText('Carry on').count()).toBe(0);
      await floor.shoot(page, `floor-red-held-${look.theme}-${look.width}`);
      await clean();
      const override = { by: 'Ole Lund', reason: 'reader 3 is broken', sinceMs: fixtureNowMs };
      const untilMs = fixtureNowMs + 3_600_000;
      floor.server.banner = {
        journal: 'blocked',
        room: { bytes: 0, days: 0 },
        override: { ...override, untilMs, deferred: true },
      };
      await said('Local configuration until').waitFor();
      await said('The gateway has no room to go on').waitFor();
      await floor.shoot(page, `floor-red-override-${look.theme}-${look.width}`);
      await clean();
    },
    30_000,
  );
});
