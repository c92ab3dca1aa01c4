import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { openConsoleBrowser, type ConsoleBrowser } from '../../testing/console-browser.ts';
import { everyLook, scrollsSideways, type Look } from '../../testing/page-browser.ts';

const { chromium } = inject('programs');

/** By how many pixels the widest grid of the page is wider than its place. */
function gridOverflow(): number {
  const found: number[] = [];
  const look = (root: Document | ShadowRoot | Element) => {
    for (const each of root.querySelectorAll('*')) {
      if (each.localName === 'vaadin-grid') {
        const table = each.shadowRoot?.querySelector('table');
        found.push((table?.scrollWidth ?? 0) - (table?.clientWidth ?? 0));
      } else if (each.shadowRoot !== null) look(each.shadowRoot);
    }
  };
  look(document);
  return Math.max(...found);
}

describe.skipIf(chromium === '')('in Chromium: a gateway or device of the fleet', () => {
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
  afterEach(() => page.context().close());

  const drawer = () => page.locator('fleet-drawer');
  const grid = (name: RegExp) =>
    page.getByRole('treegrid', { name }).or(page.getByRole('grid', { name }));
  const row = (of: RegExp, name: RegExp) => grid(of).getByRole('row', { name }).first();
  const open = async (look?: Look, view = '') => {
    page = await hub.page(look);
    await page.goto(`${hub.url}/fleet${view}`);
    await row(/^Devices/, /^dock-4/).waitFor();
  };
  const focused = () =>
    page.evaluate(() => {
      let at = document.activeElement;
      while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
      return at?.tagName ?? '';
    });

  test.each(everyLook)('a device tells all its facts, $theme at $width', async (look) => {
    await open(look);
    await row(/^Devices/, /^dock-4/).click();
    for (const fact of ['Last heard', 'Clock', 'Quarantined', 'Guarantee']) {
      await drawer().getByText(fact, { exact: true }).waitFor();
    }
    await drawer().getByText('+2 h 01 min').waitFor();
    const reasons = drawer().getByRole('list', { name: 'Could not be read' });
    await reasons.getByText(/malformed/).waitFor();
    expect(await reasons.getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringMatching(/^2\s.*not in the format.*malformed\s+last 12 min ago/s),
      expect.stringMatching(/^1\s.*topic.*wrong-topic\s+last 3 h ago/s),
    ]);
    await drawer().getByText('/quarantine?device=dock-4').waitFor();
    await hub.shoot(page, `fleet-device-${look.theme}-${look.width}`);
    expect(await scrollsSideways(page)).toBe(false);
    expect(await hub.axe(page)).toEqual([]);
    await drawer().getByRole('button', { name: 'Close' }).click();
    await drawer().waitFor({ state: 'detached' });
    await expect.poll(focused).toBe('TD');
    expect(hub.complaints).toEqual([]);
  });

  test.each(everyLook)(
    'zones are told, cut only where all can be read, $theme at $width',
    async (look) => {
      await open(look);
      const all = 'dock-2, dock-3, dock-4, staging-north';
      const dock = row(
        /^Devices/,
        look.width === 390 ? /dock-2, dock-3 \+2/ : /dock-2, dock-3\s*\+2/,
      );
      await dock.waitFor();
      if (look.width !== 390) {
        await page.getByTitle(all).waitFor();
        await page.getByTitle('high-bay-storage-aisle-07-upper-level-01').waitFor();
      }
      await row(/^Devices/, /^shelf/).scrollIntoViewIfNeeded();
      expect(await page.evaluate(gridOverflow)).toBe(0);
      await hub.shoot(page, `fleet-zones-${look.theme}-${look.width}`);
      expect(await scrollsSideways(page)).toBe(false);
      await dock.click();
      await drawer().getByText(all).waitFor();
      expect(await page.evaluate(gridOverflow)).toBe(0);
      await hub.shoot(page, `fleet-zones-drawer-${look.theme}-${look.width}`);
      expect(await hub.axe(page)).toEqual([]);
    },
  );

  test.each(everyLook)(
    'beside a halted gateway the live one counts, $theme at $width',
    async (look) => {
      hub.server.halted = true;
      await open(look);
      await page.getByText('1 of 2 gateways live').waitFor();
      await page.getByText('lyon-2 halted', { exact: true }).waitFor();
      await hub.shoot(page, `fleet-halted-${look.theme}-${look.width}`);
      expect(await scrollsSideways(page)).toBe(false);
      expect(await hub.axe(page)).toEqual([]);
    },
  );

  test.each(everyLook)('a gateway tells all its facts, $theme at $width', async (look) => {
    await open(look);
    await row(/^Gateways/, /^lyon-1/).click();
    await drawer().getByText('+12 ms').waitFor();
    await drawer().getByText('/quantity is none').waitFor();
    await drawer().getByText('of no device').waitFor();
    await hub.shoot(page, `fleet-gateway-${look.theme}-${look.width}`);
    expect(await scrollsSideways(page)).toBe(false);
    expect(await hub.axe(page)).toEqual([]);
    await drawer().getByRole('button', { name: 'dock-2' }).click();
    await drawer().getByText('device of lyon-1 · lyon').waitFor();
    expect(page.url()).toContain('open=lyon-1%2Fdock-2');
  });

  test('the keyboard opens it, closes it, and stands where it stood', async () => {
    await open();
    await row(/^Devices/, /^dock-4/).click();
    await page.keyboard.press('Escape');
    await drawer().waitFor({ state: 'detached' });
    await expect.poll(focused).toBe('TD');
    await page.keyboard.press('k');
    await page.keyboard.press('Enter');
    await drawer().getByText('Last heard', { exact: true }).waitFor();
    expect(page.url()).not.toContain('dock-4');
    await page.keyboard.press('Escape');
    await drawer().waitFor({ state: 'detached' });
    await expect.poll(focused).toBe('TD');
  });

  test('a link opens it, also where nobody knows the name', async () => {
    await open(undefined, '?open=basel-1');
    await drawer().getByText('its gateway has not said').first().waitFor();
    await page.goto(`${hub.url}/fleet?open=nowhere`);
    await drawer().getByText('Nothing has this name').waitFor();
  });

  test('the reason of a gateway in trouble stands whole in its row', async () => {
    hub.server.stuck = true;
    await open();
    const reason = page
      .locator('.whole')
      .filter({ hasText: 'the hub fails on event 5513: INTERNAL' })
      .first();
    const cut = await reason.evaluate((each) => each.scrollWidth > each.clientWidth);
    expect(cut).toBe(false);
  });
});
