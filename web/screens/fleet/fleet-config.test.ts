import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { openConsoleBrowser, type ConsoleBrowser } from '../../testing/console-browser.ts';
import { scrollsSideways, type Look } from '../../testing/page-browser.ts';

const { chromium } = inject('programs');
const looks: readonly Look[] = (['light', 'dark'] as const).flatMap((theme) =>
  ([1440, 390] as const).map((width) => ({ theme, width })),
);

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
    await part().getByText('1 of 4 gateways in step').waitFor();
  };

  test.each(looks)('stands in $theme at $width', async (look) => {
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

  test('pushes a version in waves, after saying what that will do', async () => {
    await open();
    await part().getByRole('button', { name: 'Push a version…' }).click();
    const push = part().getByRole('button', { name: 'Push', exact: true });
    expect(await push.isDisabled()).toBe(true);
    // Basel's own file owns its configuration: it is no choice.
    expect(await part().getByRole('checkbox').count()).toBe(3);
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
