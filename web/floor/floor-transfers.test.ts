import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { openFloorBrowser, type FloorBrowser } from '../testing/floor-browser.ts';
import { pallet } from '../testing/floor-fixture.ts';
import { thingsOnTheWay } from '../testing/floor-fixture-transfers.ts';
import { scrollsSideways } from '../testing/page-browser.ts';
import { scanKeys } from '../testing/scan-keys.ts';
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

beforeEach(async () => {
  floor.server.reset();
  floor.complaints.length = 0;
  page = await floor.page({ theme: 'light', width: 390 });
});

afterEach(() => page.context().close());

const go = (view: FloorView) => page.goto(floor.url + floorPath(view));
const button = (name: string | RegExp) => page.getByRole('button', { name });
const acts = () => floor.server.acts.map(({ id: _id, ...act }) => act);

inChromium('the floor page: between gateways', () => {
  test('moves goods to a zone of another gateway, and says that they are on their way', async () => {
    await go({ screen: 'move', code: '85123A' });
    await page.getByRole('textbox', { name: 'How many' }).fill('12');
    await scanKeys(page, 'storage');
    await page.getByRole('radio', { name: /hall-b/ }).check();
    await page.getByText('hall-b is with lyon-2').waitFor();
    await button('Move 12 × 85123A from storage to hall-b').click();
    await page.getByText('Move 12 × 85123A from storage to hall-b').first().waitFor();
    expect(acts()).toMatchObject([{ type: 'move', zone: 'storage', toZone: 'hall-b' }]);
    expect(await scrollsSideways(page)).toBe(false);
    expect(floor.complaints).toEqual([]);
  });

  test('shows what is on its way, the late first, on the home page too', async () => {
    await go({ screen: 'home' });
    await page.getByRole('link', { name: /On the way 3 coming, 1 late/ }).click();
    await page.getByRole('heading', { name: 'Coming here' }).waitFor();
    const coming = page.getByRole('region', { name: 'Coming here' }).getByRole('button');
    expect((await coming.allInnerTexts()).map((text) => text.split('\n')[0])).toEqual([
      'from metz-1',
      'from lyon-2',
      'from lyon-2',
    ]);
    await page.getByRole('region', { name: 'Sent from here' }).getByText('to lyon-2').waitFor();
    expect(await scrollsSideways(page)).toBe(false);
    expect(floor.complaints).toEqual([]);
  });

  test('takes in as much as came, line by line, into the zone that was meant', async () => {
    await go({ screen: 'transfers' });
    await button(/from lyon-2.*22423/s).click();
    const isInView = await button('Receive into storage').evaluate((element) => {
      return element.getBoundingClientRect().bottom <= window.innerHeight;
    });
    expect(isInView).toBe(true);
    await page.getByRole('textbox', { name: '22423' }).fill('10');
    await floor.shoot(page, 'floor-transfer-light-390');
    await button('Receive into storage').click();
    await expect.poll(() => acts().length).toBe(2);
    const transfer = 'lyon-2/1/x77-0';
    expect(acts()).toMatchObject([
      { type: 'receive', zone: 'storage', transfer, what: { goods: { quantity: 10 } } },
      { type: 'receive', transfer, what: { goods: { item: '71053', lot: 'L-9', quantity: 6 } } },
    ]);
  });

  test('finds what a pallet is part of by its label, and takes it in whole', async () => {
    await go({ screen: 'transfers' });
    await button(/from metz-1/).waitFor();
    await scanKeys(page, `00${pallet.slice('sscc:'.length)}`);
    await page.getByRole('heading', { name: 'It is here' }).waitFor();
    await scanKeys(page, 'dock-2');
    await button('Receive into dock-2').click();
    await expect.poll(() => acts().length).toBe(1);
    expect(acts()).toMatchObject([{ what: { unit: pallet }, zone: 'dock-2' }]);
  });

  test('takes in of single things those that were scanned, or all', async () => {
    const [first = '', second = ''] = thingsOnTheWay;
    await go({ screen: 'transfers' });
    await button(/from lyon-2.*04012345123456/s).click();
    await page.getByText('single things: all, or those that you scan').waitFor();
    await scanKeys(page, second);
    await page.getByText('1 scanned').waitFor();
    await button('Receive into storage').click();
    await expect.poll(() => acts().length).toBe(1);
    const one = { goods: { quantity: 1, serials: [second] } };
    expect(acts()).toMatchObject([{ transfer: 'lyon-2/1/x79-0', zone: 'storage', what: one }]);
    await scanKeys(page, first);
    await page.getByText('1 scanned').waitFor();
    expect(await page.getByRole('region', { name: 'Not announced' }).innerText()).toContain(
      'Scan what came',
    );
    await go({ screen: 'transfers' });
    await button(/from lyon-2.*04012345123456/s).click();
    await button('Receive into storage').click();
    await expect.poll(() => acts().length).toBe(2);
    expect(acts()[1]).toMatchObject({ what: { goods: { serials: [first, second] } } });
  });

  test('takes in what nobody announced, from the gateway that a person names', async () => {
    floor.server.hub = 'away';
    await go({ screen: 'transfers' });
    await button(/from metz-1/).waitFor();
    await scanKeys(page, '22423');
    const part = page.getByRole('region', { name: 'Not announced' });
    await part.getByRole('textbox', { name: '22423' }).fill('7');
    await part.getByRole('radio', { name: 'lyon-2' }).check();
    await part.getByRole('radio', { name: 'dock-2' }).check();
    await button('Receive 7 × 22423 from lyon-2').click();
    await expect.poll(() => acts().length).toBe(1);
    expect(acts()).toMatchObject([
      { type: 'receive', from: 'lyon-2', zone: 'dock-2', what: { goods: { quantity: 7 } } },
    ]);
    expect(floor.complaints).toEqual([]);
  });
});
