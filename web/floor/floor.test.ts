import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { openFloorBrowser, type FloorBrowser } from '../testing/floor-browser.ts';
import { pallet } from '../testing/floor-fixture.ts';
import type { FloorScenario } from '../testing/floor-server.ts';
import { scrollsSideways, type Look } from '../testing/page-browser.ts';
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

/** A page that stands goes on by itself, as a person does; what it knows belongs to its scenario. */
let stands: FloorScenario | undefined;
async function go(view: FloorView, scenario: FloorScenario) {
  if (scenario === 'full' && stands === 'full') {
    await page.evaluate((path) => {
      history.pushState(null, '', path);
      dispatchEvent(new PopStateEvent('popstate'));
    }, floorPath(view));
  } else await page.goto(floor.url + floorPath(view));
  stands = scenario;
}
const button = (name: string | RegExp) => page.getByRole('button', { name });
const heading = (name: string | RegExp) => page.getByRole('heading', { name });
const said = (text: string | RegExp) => page.getByText(text).first();
/** Every control that a finger is meant for, and that is smaller than one. */
const smallTargets = () =>
  page.evaluate(() => {
    const small: string[] = [];
    const visit = (root: Document | ShadowRoot) => {
      for (const each of root.querySelectorAll<HTMLElement>('*')) {
        if (each.shadowRoot !== null) visit(each.shadowRoot);
        if (!each.matches('a[href]:not(.skip), button, [role=button], .options label')) continue;
        if (each.shadowRoot === null && each.closest('vaadin-password-field-button') !== null)
          continue;
        const { width, height } = each.getBoundingClientRect();
        if (width > 0 && (height < 44 || width < 44)) {
          small.push(`${each.tagName} ${each.textContent.trim()} ${width} × ${height}`);
        }
      }
    };
    visit(document);
    return small;
  });

type Shown = readonly [
  name: string,
  view: FloorView,
  scenario: FloorScenario,
  seen: () => Promise<unknown>,
];
const full: readonly Shown[] = [
  ['home', { screen: 'home' }, 'full', () => said('one account differs').waitFor()],
  ['receive', { screen: 'receive' }, 'full', () => said('ASN-77131').waitFor()],
  [
    'receipt',
    { screen: 'receive', document: 'ASN-77120', code: '84879' },
    'full',
    () => button('Receive 1 × 84879 into dock-2').waitFor(),
  ],
  ['ship', { screen: 'ship' }, 'full', () => said('Tournier').waitFor()],
  [
    'shipment',
    { screen: 'ship', document: '5512', code: '84879' },
    'full',
    () => button('Ship 1 × 84879 from dock-3').waitFor(),
  ],
  ['sweep', { screen: 'sweep' }, 'full', () => said('A sweep changes no stock').waitFor()],
  ['tasks', { screen: 'tasks' }, 'full', () => button(/^End it …: Identify/).waitFor()],
  ['check', { screen: 'check', code: pallet }, 'full', () => said('45 of 48 read').waitFor()],
  [
    'break',
    { screen: 'pack', mode: 'break', code: pallet },
    'full',
    () => button(/^Break up unit/).waitFor(),
  ],
  ['move', { screen: 'move', code: '85123A' }, 'full', () => said('Where to').waitFor()],
  ['count', { screen: 'count' }, 'full', () => heading('To count again').waitFor()],
  ['sheet', { screen: 'count', zone: 'storage' }, 'full', () => said('0 of 3 lines').waitFor()],
  ['hold', { screen: 'hold', code: '22423' }, 'full', () => said('47566 in cold-2').waitFor()],
  ['adjust', { screen: 'adjust', code: '85123A' }, 'full', () => said('at once').waitFor()],
  ['pack', { screen: 'pack', code: pallet }, 'full', () => said('Nothing yet.').waitFor()],
  ['find', { screen: 'find', code: '22423' }, 'full', () => heading('In the book').waitFor()],
  ['transfers', { screen: 'transfers' }, 'full', () => said('Not in the list').waitFor()],
  ['devices', { screen: 'devices' }, 'full', () => said('the PLC does not know').waitFor()],
  ['person', { screen: 'person' }, 'full', () => said('Left to adjust').waitFor()],
];
const loading = () =>
  page
    .getByRole('status', { name: /^Loading/ })
    .first()
    .waitFor();
const alert = () => page.getByRole('alert').first().waitFor();
const others: readonly Shown[] = [
  ['home', { screen: 'home' }, 'empty', () => said('Nothing asks for you').waitFor()],
  ['home', { screen: 'home' }, 'loading', loading],
  ['home', { screen: 'home' }, 'error', alert],
  ['receive', { screen: 'receive' }, 'empty', () => said('Nothing is expected').waitFor()],
  ['receive', { screen: 'receive' }, 'loading', loading],
  ['receive', { screen: 'receive' }, 'error', alert],
  ['receipt', { screen: 'receive', document: 'ASN-77120' }, 'error', alert],
  ['ship', { screen: 'ship' }, 'empty', () => said('Nothing is expected to go out').waitFor()],
  ['tasks', { screen: 'tasks' }, 'empty', () => said('Nothing asks for you').waitFor()],
  ['tasks', { screen: 'tasks' }, 'loading', loading],
  ['tasks', { screen: 'tasks' }, 'error', alert],
  [
    'sheet',
    { screen: 'count', zone: 'storage' },
    'empty',
    () => said('Nothing is known').waitFor(),
  ],
  ['sheet', { screen: 'count', zone: 'storage' }, 'error', alert],
  ['hold', { screen: 'hold' }, 'empty', () => said('Nothing is on hold').waitFor()],
  ['hold', { screen: 'hold' }, 'error', alert],
  ['find-start', { screen: 'find' }, 'full', () => said('What is it, and where?').waitFor()],
  [
    'find-unknown',
    { screen: 'find', code: 'X-404' },
    'full',
    () => said('Nobody here knows').waitFor(),
  ],
  ['find', { screen: 'find', code: '22423' }, 'error', alert],
  [
    'transfers',
    { screen: 'transfers' },
    'empty',
    () => said('Nothing is announced to come').waitFor(),
  ],
  ['transfers', { screen: 'transfers' }, 'loading', loading],
  ['transfers', { screen: 'transfers' }, 'error', alert],
  ['devices', { screen: 'devices' }, 'empty', () => said('No device yet').waitFor()],
  ['devices', { screen: 'devices' }, 'loading', loading],
  ['devices', { screen: 'devices' }, 'error', alert],
  ['sign-in', { screen: 'home' }, 'signed-out', () => button('Sign in').waitFor()],
];

inChromium.each<Look & { shown: readonly Shown[] }>([
  { theme: 'light', width: 390, shown: full },
  { theme: 'dark', width: 390, shown: [...full, ...others] },
  { theme: 'light', width: 1440, shown: full },
  // Colours are judged at 390, places at 1440 by day.
  { theme: 'dark', width: 1440, shown: full.slice(0, 5) },
])('the floor page, $theme at $width px', ({ shown, ...look }) => {
  beforeAll(async () => {
    page = await floor.page(look);
    stands = undefined;
  });
  afterAll(() => page.context().close());

  test.each(shown)(
    '%s %o, %s: usable with gloves, accessible, nothing to complain',
    async (name, view, scenario, seen) => {
      floor.server.scenario = scenario;
      await go(view, scenario);
      await seen();
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await scrollsSideways(page)).toBe(false);
      await floor.shoot(page, `floor-${name}-${scenario}-${look.theme}-${look.width}`);
      expect(await smallTargets()).toEqual([]);
      expect(await floor.axe(page)).toEqual([]);
      expect(floor.complaints.filter((each) => !/Failed to load resource/.test(each))).toEqual([]);
      floor.server.release();
    },
  );
});
