import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { openConsoleBrowser, type ConsoleBrowser } from '../../testing/console-browser.ts';
import { everyLook, scrollsSideways, type Look } from '../../testing/page-browser.ts';

const { chromium } = inject('programs');

describe.skipIf(chromium === '')('in Chromium: configurations of the fleet', () => {
  let hub: ConsoleBrowser;
  let page: Page;

  beforeAll(async () => {
    hub = await openConsoleBrowser();
  }, 60_000);
  afterAll(() => hub.stop());
  beforeEach(() => {
    hub.server.reset();
    hub.complaints.length = 0;
  });

  const part = () => page.locator('fleet-config');
  const open = async (look?: Look) => {
    page = await hub.page(look);
    await page.goto(`${hub.url}/fleet`);
    await part().getByText('1 of 5 gateways in step').waitFor();
  };

  test.each(everyLook)('stands in $theme at $width', async (look) => {
    await open(look);
    await part().getByRole('button', { name: 'Push a version…' }).click();
    await part()
      .getByText(/Choose at least one gateway/)
      .waitFor();
    await part().scrollIntoViewIfNeeded();
    await part().evaluate((element) => element.scrollIntoView());
    await hub.shoot(page, `fleet-config-${look.theme}-${look.width}`);
    expect(await scrollsSideways(page)).toBe(false);
    expect(await hub.axe(page)).toEqual([]);
    expect(hub.complaints).toEqual([]);
    await page.context().close();
  });

  test('says of each gateway what is in force, wanted, drifted, and why it was refused', async () => {
    await open();
    const row = (name: RegExp) => part().getByRole('row', { name }).first().waitFor();
    await row(/^rotterdam-1.*refused.*version 2.*version 3/);
    await row(/^metz-1.*drift.*another.*version 2/);
    await row(/^basel-1.*own file.*its file/);
    await row(/^lyon-1.*in step.*version 2.*version 2/);
    await part().getByText('Line 41:14 /devices/3/profile is no device profile.').waitFor();
    await part().getByText('waits for lyon-1 to confirm it').waitFor();
    await page.context().close();
  });

  test('says since when a gateway drifted, and who put what in force at the site until when', async () => {
    await open();
    const note = (name: string) => part().getByRole('region', { name });
    const drift = note('Configuration of metz-1');
    await drift
      .getByText(/no version of the hub made since 09:0\d; the hub wants version 2/)
      .waitFor();
    expect(await drift.getByRole('button').count()).toBe(0);
    const override = note('Configuration of lyon-2');
    await override.getByText(/override until 15:[34]\d/).waitFor();
    await override.getByText(/by p-4f21ac90be07.* ago:\s+“portal 3 counts twice/s).waitFor();
    await override.getByText(/Ends 15:[34]\d, in 1 h 3\d min.*version 3 takes effect/s).waitFor();
    await page.context().close();
  });

  test.each(everyLook)(
    'compares what is in force with what is wanted, $theme at $width',
    async (look) => {
      await open(look);
      await part().getByRole('button', { name: 'Compare 2 and 3' }).click();
      const diff = page.locator('config-diff');
      await diff.getByText('2 lines removed, 6 lines added').waitFor();
      await diff.getByText('rawDays: 45').waitFor();
      await diff.getByText('profile: impinj-r7000').waitFor();
      await diff.evaluate((element) => element.scrollIntoView());
      await hub.shoot(page, `fleet-diff-${look.theme}-${look.width}`);
      expect(page.url()).toBe(`${hub.url}/fleet?compare=2-3`);
      const isFramed = () => document.documentElement.scrollHeight <= window.innerHeight;
      expect(await page.evaluate(isFramed)).toBe(true);
      expect(await scrollsSideways(page)).toBe(false);
      expect(await hub.axe(page)).toEqual([]);
      expect(hub.complaints).toEqual([]);
      await page.context().close();
    },
  );

  test('compares the two newest, or any two, and says where they are equal', async () => {
    await open();
    await part().getByRole('button', { name: 'Compare versions…' }).click();
    const diff = page.locator('config-diff');
    await diff.getByText('2 lines removed, 6 lines added').waitFor();
    await diff.getByRole('button', { name: 'Swap' }).click();
    await diff.getByText('6 lines removed, 2 lines added').waitFor();
    expect(page.url()).toBe(`${hub.url}/fleet?compare=3-2`);
    await diff.getByRole('button', { name: /^From/ }).click();
    await page.getByRole('option', { name: '2 · cold zone narrower' }).click();
    await diff.getByText('Both say the same, line by line.').waitFor();
    await diff.getByRole('button', { name: 'Close' }).click();
    await diff.waitFor({ state: 'detached' });
    await page.context().close();
  });

  test('shows what came late, after the page was drawn anew', async () => {
    page = await hub.page();
    let send: () => void = () => {};
    const held = new Promise<void>((done) => (send = done));
    await page.route('**/api/config/versions/*', async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(`${hub.url}/fleet?compare=1-2`);
    const diff = page.locator('config-diff');
    await diff.getByRole('status', { name: 'Loading both versions' }).waitFor();
    hub.server.recovered = true;
    hub.server.say('fleet');
    await page.getByText('4 of 4', { exact: true }).waitFor();
    send();
    await diff.getByText(/1 line removed, 1 line added/).waitFor();
    await page.context().close();
  });

  test('says that versions could not be had, and tries again', async () => {
    await open();
    await page.route('**/api/config/versions/*', (route) => route.abort());
    await page.goto(`${hub.url}/fleet?compare=1-2`);
    const diff = page.locator('config-diff');
    await diff.getByText('The hub does not answer').waitFor();
    await page.unroute('**/api/config/versions/*');
    await diff.getByRole('button', { name: 'Try again' }).click();
    await diff.getByText(/1 line removed, 1 line added/).waitFor();
    await page.context().close();
  });

  test('pushes a version in waves, after saying what that will do', async () => {
    await open();
    await part().getByRole('button', { name: 'Push a version…' }).click();
    const push = part().getByRole('button', { name: 'Push', exact: true });
    expect(await push.isDisabled()).toBe(true);
    // Basel's own file owns its configuration: it is no choice.
    expect(await part().getByRole('checkbox').count()).toBe(4);
    await part().getByRole('checkbox', { name: 'lyon-1' }).check();
    await part().getByRole('checkbox', { name: 'metz-1' }).check();
    await part()
      .getByText(/Version 3 goes to 2 gateways in 2 waves/)
      .waitFor();
    await push.click();
    await expect
      .poll(() => hub.server.configAsked)
      .toEqual([
        ['/api/config/pushes', { version: 3, gateways: ['lyon-1', 'metz-1'], waveSize: 1 }],
      ]);
    await page.context().close();
  });

  test('keeps a text as a version, and cancels a push', async () => {
    await open();
    await part().getByRole('button', { name: 'Push a version…' }).click();
    await part().getByRole('button', { name: 'New version…' }).click();
    await part()
      .getByRole('textbox', { name: /^Sections/ })
      .fill('zones: []\n');
    await part().getByRole('textbox', { name: 'What it is for' }).fill('empty');
    await part().getByRole('button', { name: 'Keep as a version' }).click();
    await part().getByRole('button', { name: 'Cancel' }).click();
    await expect
      .poll(() => hub.server.configAsked)
      .toEqual([
        ['/api/config/versions', { text: 'zones: []\n', note: 'empty' }],
        ['/api/config/pushes/8/cancel', undefined],
      ]);
    await page.context().close();
  });
});
