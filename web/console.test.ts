import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { openConsoleBrowser, type ConsoleBrowser } from './testing/console-browser.ts';
import { scrollsSideways, type Look } from './testing/page-browser.ts';
import type { Scenario } from './testing/fixture-server.ts';

const { chromium } = inject('programs');
const inChromium = chromium === '' ? describe.skip : describe;
let hub: ConsoleBrowser;
let page: Page;

beforeAll(async () => {
  hub = await openConsoleBrowser();
}, 60_000);

afterAll(async () => {
  await hub.stop();
});

beforeEach(() => {
  hub.server.reset();
  hub.complaints.length = 0;
});

/** A row by what a screen reader would read of it. */
const row = (name: string | RegExp) => page.getByRole('row', { name }).first();
/** A row that stands at a place of its grid; the header is 1. */
const rowAt = (index: number, name: string | RegExp) =>
  page.getByRole('row', { name }).and(page.locator(`[aria-rowindex="${index}"]`));

type Shown = readonly [screen: string, scenario: Scenario, seen: () => Promise<unknown>];

const full: readonly Shown[] = [
  ['stock', 'full', () => row('04012345123456').waitFor()],
  ['fleet', 'full', () => row('rotterdam-1').waitFor()],
  ['outages', 'full', () => row('lyon-1 · uplink').waitFor()],
  ['tasks', 'full', () => row(/adjust by Anna Berg/).waitFor()],
  ['people', 'full', () => row(/Anna Berg/).waitFor()],
];
const alert = () => page.getByRole('alert').first().waitFor();
const loading = (name: string) => page.getByRole('status', { name }).waitFor();
const others: readonly Shown[] = [
  ['stock', 'empty', () => page.getByText('No stock yet').waitFor()],
  ['stock', 'error', alert],
  ['stock', 'loading', () => loading('Loading stock')],
  ['fleet', 'empty', () => page.getByText('No gateway yet', { exact: true }).waitFor()],
  ['fleet', 'error', alert],
  ['fleet', 'loading', () => loading('Loading gateways')],
  ['outages', 'empty', () => page.getByText('No gateway yet', { exact: true }).waitFor()],
  ['outages', 'error', alert],
  ['outages', 'loading', () => loading('Loading incidents')],
  ['tasks', 'empty', () => page.getByText('No open task').waitFor()],
  ['tasks', 'error', alert],
  ['tasks', 'loading', () => loading('Loading tasks')],
  ['people', 'empty', () => page.getByText('Nobody yet').waitFor()],
  ['people', 'error', alert],
  ['people', 'loading', () => loading('Loading people')],
  ['sign-in', 'signed-out', () => page.getByRole('button', { name: 'Sign in' }).waitFor()],
];

inChromium.each<Look & { shown: readonly Shown[] }>([
  { theme: 'light', width: 1440, shown: [...full, ...others] },
  { theme: 'dark', width: 1440, shown: full },
  { theme: 'light', width: 390, shown: full },
  { theme: 'dark', width: 390, shown: [...full, ...others] },
])('in Chromium, $theme at $width px', ({ shown, ...look }) => {
  beforeAll(async () => {
    page = await hub.page(look);
  });
  afterAll(() => page.context().close());

  test.each(shown)(
    '%s, %s: usable, accessible, nothing to complain',
    async (name, scenario, seen) => {
      hub.server.scenario = scenario;
      await page.goto(`${hub.url}/${name === 'sign-in' ? '' : name}`);
      await seen();
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await scrollsSideways(page)).toBe(false);
      // The frame stands; what is longer scrolls inside of it.
      const isFramed = () => document.documentElement.scrollHeight <= window.innerHeight;
      expect(await page.evaluate(isFramed)).toBe(true);
      await hub.shoot(page, `${name}-${scenario}-${look.theme}-${look.width}`);
      expect(await hub.axe(page)).toEqual([]);
      expect(hub.complaints.filter((each) => !/Failed to load resource/.test(each))).toEqual([]);
      hub.server.release();
    },
  );
});

inChromium('in Chromium: signing in', () => {
  beforeEach(async () => {
    page = await hub.page();
    hub.server.scenario = 'signed-out';
  });
  afterEach(() => page.context().close());

  const signIn = async (password: string) => {
    await page.getByRole('textbox', { name: 'User name' }).fill('admin');
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.keyboard.press('Enter');
  };

  test('says what is wrong, makes wait, and goes where one wanted to go', async () => {
    await page.goto(`${hub.url}/fleet?gateway=lyon-1`);
    await signIn('wrong');
    await page.getByRole('alert').getByText('User name or password is wrong').waitFor();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('Try again in 30 s').waitFor();
    await page.getByRole('button', { name: /^Wait \d+ s$/ }).waitFor();
    await hub.shoot(page, 'sign-in-wait-light-1440');
    await page.reload();
    await signIn('right');
    await page.getByRole('heading', { name: 'Fleet' }).waitFor();
    expect(page.url()).toBe(`${hub.url}/fleet?gateway=lyon-1`);
    expect(hub.server.unsafeWithoutHeader).toBe(0);
  });

  test('is asked again when the session has ended, and signing out ends it', async () => {
    hub.server.scenario = 'full';
    await page.goto(`${hub.url}/stock`);
    await row('basel').waitFor();
    hub.server.scenario = 'signed-out';
    hub.server.cutStreams();
    await page.getByText('Your session ended.').waitFor();
    await signIn('right');
    await row('basel').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await page.getByText('Your session ended.').count()).toBe(0);
  });
});

inChromium('in Chromium: the shell', () => {
  beforeEach(async () => {
    page = await hub.page();
  });
  afterEach(() => page.context().close());

  test('says as of when everything is true, and which sites are behind', async () => {
    await page.goto(`${hub.url}/stock`);
    await page.getByText(/as of 14:0\d:\d\d · 2 of 4 sites live/).waitFor();
    await page.getByText('2 sites behind').click();
    await page.getByRole('heading', { name: 'Fleet' }).waitFor();
  });

  test('goes from screen to screen by keyboard and by link, without loading the page anew', async () => {
    await page.goto(`${hub.url}/stock`);
    await row('basel').waitFor();
    await page.evaluate(() => (document.body.dataset['same'] = 'yes'));
    await page.keyboard.press('g');
    await page.keyboard.press('o');
    await page.getByRole('heading', { name: 'Outages' }).waitFor();
    await page.getByRole('link', { name: 'Fleet' }).click();
    await page.getByRole('heading', { name: 'Fleet' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Outages' }).waitFor();
    expect(await page.title()).toBe('Outages · Holdfast');
    expect(await page.evaluate(() => document.body.dataset['same'])).toBe('yes');
  });

  test('lets the keyboard skip to the content', async () => {
    await page.goto(`${hub.url}/fleet`);
    await page.getByRole('heading', { name: 'Fleet' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const focused = page.locator('main:focus');
    await focused.waitFor();
    expect(await focused.count()).toBe(1);
  });

  test('finds stock by the beginning of an item number', async () => {
    await page.goto(`${hub.url}/fleet`);
    await page.getByRole('heading', { name: 'Fleet' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('8487');
    await page.keyboard.press('Enter');
    await row('84879').waitFor();
    expect(page.url()).toBe(`${hub.url}/stock?item=8487`);
  });

  test('keeps the theme one chose', async () => {
    await page.goto(`${hub.url}/fleet`);
    await page.getByRole('button', { name: /^Theme: system/ }).click();
    await page.getByRole('button', { name: /^Theme: light/ }).click();
    await page.reload();
    await page.getByRole('button', { name: /^Theme: dark/ }).waitFor();
    const canvas = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(canvas).toBe('rgb(12, 16, 22)');
  });

  test('says that it is stale when the hub falls silent, and recovers', async () => {
    await page.clock.install();
    await page.goto(`${hub.url}/stock`);
    await row('basel').waitFor();
    hub.server.streamDown = true;
    hub.server.cutStreams();
    await page.getByText('reconnecting', { exact: true }).waitFor();
    await page.clock.fastForward(20_000);
    await page.getByText(/Live updates are cut\. .*what was known at 14:0\d:\d\d/s).waitFor();
    await page.getByText(/as of 14:0\d:\d\d · \d+ s old/).waitFor();
    await hub.shoot(page, 'stock-stale-light-1440');
    expect(await hub.axe(page)).toEqual([]);
    hub.server.streamDown = false;
    await page.getByRole('button', { name: 'Reconnect now' }).click();
    await page.getByText(/· 2 of 4 sites live/).waitFor();
    await page.getByText('Live updates are cut').waitFor({ state: 'detached' });
  });

  test('says so where there is no such page, and where a part of its code is missing', async () => {
    await page.goto(`${hub.url}/nowhere`);
    await page.getByText('There is no such page').waitFor();
    await page.route('**/fleet-screen-*.js', (route) => route.abort());
    await page.getByRole('link', { name: 'Fleet' }).click();
    await page.getByText('This screen could not be loaded').waitFor();
  });

  test('asks for at most 130 kB of script before the first screen stands', async () => {
    const sizes: number[] = [];
    page.on('response', (response) => {
      if (!response.url().endsWith('.js')) return;
      void response.body().then((body) => sizes.push(gzipSync(body).length));
    });
    await page.goto(`${hub.url}/`);
    await row('basel').waitFor();
    await page.waitForLoadState('load');
    expect(sizes.length).toBeGreaterThan(3);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(130_000);
  });
});

inChromium('in Chromium: stock', () => {
  beforeAll(async () => {
    page = await hub.page();
  });
  afterAll(() => page.context().close());

  /** What the drawer shows is slotted into its dialog, so it is looked for in the element around. */
  const drawer = () => page.locator('why-drawer');

  test('shows what is in transit, as far as site and item ask for it', async () => {
    await page.goto(`${hub.url}/stock`);
    await page.getByText('50 units on 2 lanes').click();
    const card = page.getByRole('region', { name: 'In transit' });
    await card.getByText('lyon/lyon-1 → metz/metz-1').first().waitFor();
    await card.getByText('6 not sent').waitFor();
    expect(await hub.axe(page)).toEqual([]);
    await hub.shoot(page, 'stock-transit-light-1440');
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await scrollsSideways(page)).toBe(false);
    await hub.shoot(page, 'stock-transit-light-390');
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(`${hub.url}/stock?site=metz`);
    await page.getByText('48 units on 1 lane').waitFor();
    await page.goto(`${hub.url}/stock?site=rotterdam`);
    await page.getByText(/^[0-9]+ rows? ·/).waitFor();
    expect(await page.getByText('In transit').count()).toBe(0);
    // It leaves no gap behind: what follows stands where it would without it.
    expect(await page.locator('in-transit-card').boundingBox()).toBeNull();
    await page.goto(`${hub.url}/stock?item=2242`);
    await page.getByText('0 units on 1 lane').waitFor();
    hub.server.moreInTransit = 700;
    await page.goto(`${hub.url}/stock`);
    await page.getByText('50 units on 2 lanes').click();
    await card.getByText('the 4 longest on their way, of 704').waitFor();
  });

  test('says what is in transit cannot be had, or is old, until it can be had again', async () => {
    hub.server.transitDown = true;
    await page.goto(`${hub.url}/stock`);
    const gone = page.getByText('What is in transit cannot be shown just now.');
    await gone.waitFor();
    await row('basel').waitFor();
    await hub.shoot(page, 'stock-transit-error-light-1440');
    hub.server.transitDown = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('50 units on 2 lanes').waitFor();
    await gone.waitFor({ state: 'detached' });
    hub.server.transitDown = true;
    hub.server.say('stock', ['lyon']);
    await page.getByText(/^as of 14:0[0-9]:[0-9]{2}$/).waitFor();
    await page.getByText('50 units on 2 lanes').waitFor();
    await hub.shoot(page, 'stock-transit-stale-light-1440');
    expect(await hub.axe(page)).toEqual([]);
    hub.server.transitDown = false;
    hub.server.say('stock', ['lyon']);
    await page.getByText(/^as of 14:0[0-9]:[0-9]{2}$/).waitFor({ state: 'detached' });
  });

  test('leads from a figure to its lines and to the proved event in three steps', async () => {
    await page.goto(`${hub.url}/stock?site=lyon`);
    await row('22423').click();
    await drawer()
      .getByText(/= .* in − .* out over 3 ledger lines/)
      .waitFor();
    await drawer()
      .getByRole('button', { name: /from dock-2 · receiving/ })
      .click();
    await drawer().getByText('chain verified').waitFor();
    await drawer().getByText('signature verified').waitFor();
    await drawer().getByText('"kind":"stock.moved"').waitFor();
    expect(page.url()).toContain('event=lyon-1%2F1%2F');
    await hub.shoot(page, 'stock-evidence-light-1440');
    expect(await hub.axe(page)).toEqual([]);
    await page.goBack();
    await drawer().getByText('over 3 ledger lines').waitFor();
    await page.keyboard.press('Escape');
    await drawer().waitFor({ state: 'detached' });
    expect(page.url()).toBe(`${hub.url}/stock?site=lyon`);
  });

  test('loads older lines of a figure that has many', async () => {
    hub.server.manyMovements = 450;
    await page.goto(`${hub.url}/stock?site=lyon`);
    await row('22423').click();
    await drawer().getByText('The newest 200 of 450 ledger lines').waitFor();
    const older = drawer().getByRole('button', { name: 'Load older lines' });
    await older.click();
    await drawer().getByText('The newest 400 of 450 ledger lines').waitFor();
    await older.click();
    await drawer()
      .getByText(/over 450 ledger lines/)
      .waitFor();
    expect(await older.count()).toBe(0);
  });

  test('opens a shared link at the same row and event', async () => {
    await page.goto(`${hub.url}/stock?site=lyon`);
    await row('22423').click();
    await drawer()
      .getByRole('button', { name: /from dock-2/ })
      .click();
    await drawer().getByText('chain verified').waitFor();
    await page.goto(page.url());
    await drawer().getByText('chain verified').waitFor();
    await page.goto(
      page
        .url()
        .replace('site=lyon', 'site=basel')
        .replace(/&event=[^&]*/, ''),
    );
    await drawer().getByText('not in the list').waitFor();
    await drawer().getByText('over 3 ledger lines').waitFor();
  });

  test('holds the focus in the drawer on a small screen', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${hub.url}/stock?site=lyon`);
    await row('22423').click();
    await drawer().getByText('over 3 ledger lines').waitFor();
    expect(await page.locator('dialog:modal').count()).toBe(1);
    await hub.shoot(page, 'stock-why-light-390');
    expect(await scrollsSideways(page)).toBe(false);
    expect(await hub.axe(page)).toEqual([]);
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  test('sorts and filters at the hub, and the URL says how', async () => {
    await page.goto(`${hub.url}/stock`);
    await row('basel').waitFor();
    await page.getByRole('button', { name: 'Quantity' }).click();
    await row('−3').waitFor();
    const sorted = page.locator('th[aria-sort="ascending"]');
    await sorted.waitFor();
    expect(page.url()).toBe(`${hub.url}/stock?sort=quantity`);
    await page.getByRole('textbox', { name: 'Item begins with' }).fill('ch-');
    await page.getByText(/^60 rows/).waitFor();
    await page.getByRole('button', { name: /^Site all/ }).click();
    await page.getByRole('option', { name: 'rotterdam' }).click();
    await page.getByText(/^20 rows/).waitFor();
    expect(page.url()).toBe(`${hub.url}/stock?site=rotterdam&item=ch-&sort=quantity`);
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByText(/^360 rows/).waitFor();
  });

  test('offers a way out where no row matches', async () => {
    await page.goto(`${hub.url}/stock?item=nothing-like-it`);
    await page.getByText('No stock matches these filters').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).last().click();
    await row('basel').waitFor();
  });

  test('says on a small screen what status is meant, and no time later than that of the page', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${hub.url}/stock`);
    await row(/basel · floor Status: quality hold/).waitFor();
    await page.locator('.status.warn', { hasText: 'quality hold' }).first().waitFor();
    const words = await page.locator('stock-screen .subtitle').textContent();
    const [, complete = ''] = /complete to ([\d:]+)/.exec(words ?? '') ?? [];
    const [, asOf = ''] =
      /as of ([\d:]+)/.exec((await page.locator('.chips').textContent()) ?? '') ?? [];
    expect(complete).not.toBe('');
    expect(complete <= asOf).toBe(true);
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  test('marks what is behind, what is unknown, and what is below zero', async () => {
    await page.goto(`${hub.url}/stock?sort=quantity`);
    await rowAt(2, '−3').waitFor();
    await page.getByTitle(/^Below zero/).waitFor();
    await row(/rotterdam.*1\s204 waiting/).waitFor();
    await page.getByText(/except rotterdam: 1\s204 events waiting; basel: unknown/).waitFor();
    await page.goto(`${hub.url}/stock?site=basel`);
    await row(/basel.*unknown since 13:2\d/).waitFor();
    expect(await page.locator('td[part~="hatched"]').count()).toBeGreaterThan(20);
  });

  test('moves by arrow keys and by j and k, and Enter opens the row', async () => {
    await page.goto(`${hub.url}/stock?site=lyon&sort=item`);
    await row('04012345123456').waitFor();
    await page.getByRole('gridcell').or(page.getByRole('rowheader')).first().focus();
    for (const key of ['j', 'j', 'k', 'ArrowDown']) await page.keyboard.press(key);
    await page.keyboard.press('Enter');
    await drawer().waitFor();
    const selected = page.locator('tr[aria-selected="true"]');
    await selected.waitFor();
    expect(await selected.getAttribute('aria-rowindex')).toBe('4');
  });

  test('fetches rows as one scrolls to them', async () => {
    await page.goto(`${hub.url}/stock`);
    await row('basel').waitFor();
    await page.getByRole('gridcell').or(page.getByRole('rowheader')).first().focus();
    await page.keyboard.press('Control+End');
    await rowAt(361, 'rotterdam').waitFor();
  });

  test('puts new values in place, and lets no row move under the pointer', async () => {
    await page.goto(`${hub.url}/stock`);
    await rowAt(2, 'basel').hover();
    hub.server.rows = hub.server.rows.map((each) =>
      each.site === 'basel' && each.item === '04012345123456'
        ? { ...each, quantity: 777_777, lastEvent: 'basel-1/1/9000' }
        : each,
    );
    hub.server.say('stock', ['basel']);
    await rowAt(2, /777\s777/).waitFor();
    const [any] = hub.server.rows;
    if (any === undefined) throw new Error('the fixture has rows');
    hub.server.rows = [{ ...any, site: 'aachen', item: 'new' }, ...hub.server.rows];
    hub.server.say('stock', ['aachen']);
    const pill = page.getByRole('button', { name: /rows? changed · refresh/ });
    await pill.waitFor();
    await rowAt(2, /777\s777/).waitFor();
    await hub.shoot(page, 'stock-pill-light-1440');
    await pill.click();
    await rowAt(2, 'aachen').waitFor();
    await page.getByText(/^361 rows/).waitFor();
  });
});

inChromium('in Chromium: fleet', () => {
  beforeAll(async () => {
    page = await hub.page();
  });
  afterAll(() => page.context().close());

  test('shows the devices of the gateway one chooses, and those with trouble', async () => {
    await page.goto(`${hub.url}/fleet`);
    await page.getByText('13 of 13 shown').waitFor();
    await row('lyon-1').click();
    await page.getByText('6 of 13 shown').waitFor();
    await page.getByRole('button', { name: 'Only with trouble' }).click();
    await page.getByText('3 of 13 shown').waitFor();
    expect(page.url()).toBe(`${hub.url}/fleet?gateway=lyon-1&only=trouble&open=lyon-1`);
    const pressed = page.getByRole('button', { name: 'Only with trouble', pressed: true });
    expect(await pressed.count()).toBe(1);
  });

  test('says why a device is not covered, and hatches what nobody knows', async () => {
    await page.goto(`${hub.url}/fleet`);
    await row(/climate-cold-2.*not covered: QoS 0/).waitFor();
    await row(/line-2.*not covered: polled/).waitFor();
    const basel = row(/^basel-1.*unknown: its gateway has not said/);
    expect(await basel.locator('td[part~="hatched"]').count()).toBe(5);
  });

  test('says what the hub put aside of a gateway, and where it fails itself', async () => {
    hub.server.stuck = true;
    await page.goto(`${hub.url}/fleet`);
    await row(/^lyon-1.* 3 2 at hub/).waitFor();
    await page.getByText('at the gateways · 2 at the hub').waitFor();
    await row(/^metz-1.*stuck 3 min the hub fails on event 5513: INTERNAL/).waitFor();
    await hub.shoot(page, 'fleet-stuck-light-1440');
    expect(await hub.axe(page)).toEqual([]);
  });

  test('says on a device that messages of it were cut', async () => {
    await page.goto(`${hub.url}/fleet?gateway=metz-1&only=trouble`);
    await row(/^dock.*connected 2 frames cut/).waitFor();
    await page.getByTitle(/announced a message above 1 MiB 2 times/).waitFor();
  });

  test('follows the fleet as it changes', async () => {
    await page.goto(`${hub.url}/fleet`);
    await page.getByText('2 of 4', { exact: true }).waitFor();
    hub.server.recovered = true;
    hub.server.say('fleet');
    await page.getByText('4 of 4', { exact: true }).waitFor();
    await page.getByText(/· 4 sites live/).waitFor();
  });
});

inChromium('in Chromium: outages', () => {
  beforeAll(async () => {
    page = await hub.page();
  });
  afterAll(() => page.context().close());

  test('marks the chosen incident in the timeline, both ways, and keeps it in the URL', async () => {
    await page.goto(`${hub.url}/outages`);
    await row('lyon-1 · uplink').click();
    const marked = page.locator('rect.selected');
    await marked.first().waitFor();
    expect(await marked.count()).toBe(2);
    expect(page.url()).toBe(`${hub.url}/outages?incident=lyon-1%2Fuplink%2F1`);
    await page.locator('rect.band.trouble').first().click();
    await page.getByRole('row', { name: /basel-1 · gateway|line-2/, selected: true }).waitFor();
  });

  test('shows the window and the kind one asks for', async () => {
    await page.goto(`${hub.url}/outages`);
    await page.getByText('last 8 hours · 8 incidents, 3 open').waitFor();
    await page.getByRole('button', { name: /^Window 8 hours/ }).click();
    await page.getByRole('option', { name: '7 days' }).click();
    await page.getByText('last 7 days · 8 incidents, 3 open').waitFor();
    await page.getByRole('button', { name: 'Only uplinks' }).click();
    await page.getByText('last 7 days · 6 incidents, 2 open').waitFor();
    expect(page.url()).toBe(`${hub.url}/outages?window=7d&type=uplink`);
  });

  test.each(['15m', '8h', '7d'])('draws a cut of three seconds as cut in %s', async (window) => {
    hub.server.young = true;
    await page.goto(`${hub.url}/outages?window=${window}`);
    await row(/lyon-1 · uplink.* 41 41 /).waitFor();
    const drawn = await page.locator('rect.band.cut').evaluate((cut) => {
      const { left, top, width, height } = cut.getBoundingClientRect();
      const root = cut.getRootNode() as ShadowRoot;
      const at = [1, width / 2, width - 1].map((x) =>
        root.elementFromPoint(left + x, top + height / 2),
      );
      return at.map((element) => element?.getAttribute('class')?.trim());
    });
    expect(drawn).toEqual(['band cut', 'band cut', 'band cut']);
  });

  test('begins with the smallest window that holds the first contact, until one is chosen', async () => {
    hub.server.young = true;
    await page.goto(`${hub.url}/outages`);
    await page.getByText('last 15 minutes · 1 incident').waitFor();
    await hub.shoot(page, 'outages-young-light-1440');
    expect(page.url()).toBe(`${hub.url}/outages`);
    await page.getByRole('button', { name: /^Window 15 minutes/ }).click();
    await page.getByRole('option', { name: '8 hours' }).click();
    await page.getByText('last 8 hours · 1 incident').waitFor();
    expect(page.url()).toBe(`${hub.url}/outages?window=8h`);
  });

  test('says what was kept, replayed and lost, and never zero for unknown', async () => {
    await page.goto(`${hub.url}/outages`);
    await row(/lyon-1 · uplink.*1\s204\s118.*1\s204\s118.* 0 .*all committed/).waitFor();
    await row(/line-2.* – – unknown gap recorded/).waitFor();
    await row(/basel-1 · gateway.* – – unknown restarted/).waitFor();
    const silent = row(/unknown unknown unknown silent not heard of/);
    expect(await silent.locator('td[part~="hatched"]').count()).toBe(3);
  });

  test('shows the newest of many, says that there are more, and loads them', async () => {
    hub.server.manyOutages = 450;
    await page.goto(`${hub.url}/outages`);
    await page.getByText('more than 200 incidents').waitFor();
    await page.getByText('The newest 200 incidents of the window').waitFor();
    await hub.shoot(page, 'outages-many-light-1440');
    expect(await hub.axe(page)).toEqual([]);
    const more = page.getByRole('button', { name: 'Load more' });
    await more.click();
    await page.getByText('more than 400 incidents').waitFor();
    await more.click();
    await page.getByText('last 8 hours · 450 incidents').waitFor();
    await more.waitFor({ state: 'detached' });
  });
});
