import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { openConsoleBrowser, type ConsoleBrowser } from '../../testing/console-browser.ts';
import { everyLook, scrollsSideways, type Look } from '../../testing/page-browser.ts';

const { chromium } = inject('programs');

describe.skipIf(chromium === '')('in Chromium: people of the floor pages', () => {
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

  const drawer = () => page.locator('person-drawer');
  const row = (name: string | RegExp) => page.getByRole('row', { name }).first();
  const button = (name: string | RegExp) => drawer().getByRole('button', { name });
  const field = (name: string) => drawer().getByRole('textbox', { name, exact: true });
  const open = async (path = '/people', look?: Look) => {
    page = await hub.page(look);
    await page.goto(`${hub.url}${path}`);
    await page.getByRole('heading', { name: 'People' }).waitFor();
  };
  const idOf = async (name: string) => {
    await row(name).click();
    await drawer().getByText('At the gateways').waitFor();
    return new URL(page.url()).searchParams.get('person') ?? '';
  };
  const clean = async () => {
    expect(await scrollsSideways(page)).toBe(false);
    expect(await hub.axe(page)).toEqual([]);
    expect(hub.complaints.filter((each) => !/Failed to load resource/.test(each))).toEqual([]);
  };

  test.each(everyLook)('somebody stands in a drawer, $theme at $width', async (look) => {
    await open('/people', look);
    await row(/Anna Berg/).click();
    await drawer().getByText('has the newest list').first().waitFor();
    await hub.shoot(page, `people-drawer-${look.theme}-${look.width}`);
    await clean();
    await button('End their rights…').click();
    const end = button('End the rights of Anna Berg');
    await end.scrollIntoViewIfNeeded();
    await hub.shoot(page, `people-revoke-${look.theme}-${look.width}`);
    await clean();
  });

  test.each(everyLook)('faults stand at their fields, $theme at $width', async (look) => {
    await open('/people', look);
    await page.getByRole('button', { name: 'Add a person…' }).click();
    await button('Add person').click();
    await drawer().getByText('Choose at least one site.').waitFor();
    await drawer().getByText('A name of up to 80 characters.').waitFor();
    await drawer().getByText('From 6 to 200 characters.').waitFor();
    await hub.shoot(page, `people-faults-${look.theme}-${look.width}`);
    await clean();
    expect(hub.server.peopleAsked).toEqual([]);
  });

  test('somebody is added, and who is taken already is said at the user name', async () => {
    await open('/people?person=new');
    await field('User name').fill('lea');
    await field('Name').fill('Lea Klein');
    await drawer().getByRole('checkbox', { name: 'lyon' }).check();
    await drawer().getByLabel('Password or PIN', { exact: true }).fill('135790');
    await button('Add Lea Klein').click();
    await drawer().getByText('Somebody has this user name already.').waitFor();
    await expect
      .poll(() => field('User name').evaluate((each) => each.matches(':focus')))
      .toBe(true);
    await field('User name').fill('lea.klein');
    await page.keyboard.press('Enter');
    await drawer().getByText('Saved; the gateways below take it').waitFor();
    await drawer().getByText('waits for the newest list').waitFor();
    await row(/Lea Klein.*lyon.*may sign in.*waits for lyon-1/).waitFor();
    expect(hub.server.peopleAsked.at(-1)).toEqual([
      '/api/site-people',
      {
        username: 'lea.klein',
        name: 'Lea Klein',
        role: 'operator',
        sites: ['lyon'],
        password: '135790',
        limitEntry: 0,
        limitTotal: 0,
        offlineDays: 7,
      },
    ]);
    expect(await drawer().getByLabel('New password or PIN', { exact: true }).inputValue()).toBe('');
  });

  test('limits and a password are changed, after saying what that does', async () => {
    await open();
    const id = await idOf('Anna Berg');
    await drawer().getByText('Nothing is changed yet.').waitFor();
    await field('Adjusts at a time').fill('40');
    await drawer().getByLabel('New password or PIN', { exact: true }).fill('new-secret');
    await drawer()
      .getByText(/former password counts no more.*does not count against the limit/s)
      .waitFor();
    await button('Save').click();
    await drawer().getByText('Adjusts 40 at a time, 250 in all.').waitFor();
    expect(hub.server.peopleAsked).toEqual([
      [`/api/site-people/${id}`, { limitEntry: 40, password: 'new-secret' }],
    ]);
  });

  test('rights end only after it was confirmed, and a new password lets somebody in again', async () => {
    await open();
    const id = await idOf('Emil Rossi');
    await button('End their rights…').click();
    await drawer().getByText('kept, marked and reviewed').waitFor();
    const keep = button('Keep them');
    await expect.poll(() => keep.evaluate((each) => each.matches(':focus'))).toBe(true);
    await keep.click();
    expect(hub.server.peopleAsked).toEqual([]);
    await button('End their rights…').click();
    await button('End the rights of Emil Rossi').click();
    await row(/Emil Rossi.*ended 14:0\d/).waitFor();
    await drawer().getByRole('heading', { name: 'Let in again' }).waitFor();
    expect(await button('End their rights…').count()).toBe(0);
    await button('Save').click();
    await drawer().getByText('From 6 to 200 characters.').waitFor();
    await drawer().getByLabel('New password or PIN', { exact: true }).fill('777777');
    await button('Save').click();
    await row(/Emil Rossi.*may sign in/).waitFor();
    expect(hub.server.peopleAsked).toEqual([
      [`/api/site-people/${id}/revoke`, {}],
      [`/api/site-people/${id}`, { password: '777777' }],
    ]);
  });

  test('a change is confirmed also where the list came anew meanwhile', async () => {
    await open();
    await idOf('Anna Berg');
    let send: () => void = () => {};
    const held = new Promise<void>((done) => (send = done));
    await page.route('**/api/site-people/*', async (route) => {
      await held;
      await route.continue();
    });
    await field('Name').fill('Anna Bergmann');
    await button('Save').click();
    const fresh = page.waitForResponse('**/api/site-people');
    hub.server.say('fleet');
    await fresh;
    send();
    await drawer().getByText('Saved; the gateways below take it').waitFor();
  });

  test('a refusal of the hub is said, and what was typed stays', async () => {
    await open();
    await idOf('Anna Berg');
    await page.route('**/api/site-people/*', (route) => route.abort());
    await field('Name').fill('Anna Bergmann');
    await button('Save').click();
    await drawer()
      .getByRole('alert')
      .getByText(/Not saved\. The hub does not answer/)
      .waitFor();
    expect(await field('Name').inputValue()).toBe('Anna Bergmann');
  });

  test('are those of the site one chooses, and a link opens somebody', async () => {
    await open();
    await page.getByText('5 people at 4 sites · 1 ended').waitFor();
    await page.getByText('basel-1: not the newest list yet.').waitFor();
    await page.getByRole('button', { name: /^Site all/ }).click();
    await page.getByRole('option', { name: 'metz' }).click();
    await page.getByText('1 person at 2 sites').waitFor();
    const id = await idOf('Anna Berg');
    expect(page.url()).toBe(`${hub.url}/people?site=metz&person=${id}`);
    await page.reload();
    await drawer().getByText('Adjusts 25 at a time, 250 in all.').waitFor();
    await page.keyboard.press('Escape');
    await drawer().waitFor({ state: 'detached' });
    await page.goto(`${hub.url}/people?person=p-nobody`);
    await drawer().getByText('Nobody has this id').waitFor();
  });

  test('say that they are stale when the hub does not answer any more', async () => {
    await open();
    await row('Anna Berg').waitFor();
    await page.route('**/api/site-people', (route) => route.abort());
    hub.server.say('fleet');
    await page.getByText('The people below are the last ones known.').waitFor();
    await row('Anna Berg').waitFor();
    await hub.shoot(page, 'people-stale-light-1440');
    await clean();
  });

  test('are not offered to whom the hub does not show them, nor to be changed', async () => {
    hub.server.may = [];
    page = await hub.page();
    await page.goto(`${hub.url}/fleet`);
    await page.getByRole('heading', { name: 'Fleet' }).waitFor();
    expect(await page.getByRole('link', { name: 'People' }).count()).toBe(0);
    hub.server.may = ['site-person.read'];
    await page.goto(`${hub.url}/people`);
    await page.getByRole('link', { name: 'People' }).waitFor();
    await idOf('Anna Berg');
    expect(await page.getByRole('button', { name: 'Add a person…' }).count()).toBe(0);
    expect(await page.getByRole('button', { name: /End their rights|Save/ }).count()).toBe(0);
  });
});
