import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { openFloorBrowser, type FloorBrowser } from '../testing/floor-browser.ts';
import {
  appliedAnswer,
  flowItem,
  pallet,
  serialEpc,
  unreadEpcs,
} from '../testing/floor-fixture.ts';
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
const said = (text: string | RegExp) => page.getByText(text).first();
/** A large radio button, as a finger chooses it. */
const choose = (name: string | RegExp) => page.getByRole('radio', { name }).check();
const scan = (code: string) => scanKeys(page, code);
const lastAct = () => floor.server.acts.at(-1);

inChromium('the floor page: signing in', () => {
  test('says what is wrong, and signs in without loading the page anew', async () => {
    floor.server.scenario = 'signed-out';
    await go({ screen: 'devices' });
    await page.getByRole('textbox', { name: 'User name' }).fill('marie');
    await page.getByLabel('Password or PIN', { exact: true }).fill('wrong');
    await page.keyboard.press('Enter');
    await said('User name or password is wrong').waitFor();
    await page.getByLabel('Password or PIN', { exact: true }).fill('right');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Devices', level: 1 }).waitFor();
    expect(floor.server.unsafeWithoutHeader).toBe(0);
  });

  test('signs out from the page of the person', async () => {
    await go({ screen: 'person' });
    await button('Sign out').click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });
});

inChromium('the floor page: what a scanner types', () => {
  test('goes to the screen, wherever the focus is, and leaves fields as they were', async () => {
    await go({ screen: 'find' });
    const field = page.getByRole('textbox', { name: 'Scan anything' });
    await field.pressSequentially('abc', { delay: 150 });
    await scan(']C10104012345123456216789');
    await page.getByRole('heading', { name: '04012345123456' }).waitFor();
    expect(new URL(page.url()).searchParams.get('code')).toBe(']C10104012345123456216789');
  });

  test('is not typed into the field in focus, which keeps what a person typed', async () => {
    await go({ screen: 'move', code: '85123A' });
    const many = page.getByRole('textbox', { name: 'How many' });
    await many.fill('12');
    await scan('storage');
    await scan('cold-2');
    await button('Move 12 × 85123A from storage to cold-2').waitFor();
    expect(await many.inputValue()).toBe('12');
  });

  test('is not needed: a number is typed and sent off by hand', async () => {
    await go({ screen: 'find' });
    const field = page.getByRole('textbox', { name: 'Scan anything' });
    await field.pressSequentially('22423', { delay: 90 });
    await field.press('Enter', { delay: 90 });
    await page.getByRole('heading', { name: 'In the book' }).waitFor();
  });

  test('leads from home to what the code names', async () => {
    await go({ screen: 'home' });
    await said('one account differs').waitFor();
    await scan(pallet);
    await page.getByRole('heading', { name: 'Unit …00843' }).first().waitFor();
  });

  test('does not press the button in focus', async () => {
    await go({ screen: 'receive', document: 'ASN-77120', code: '84879' });
    await button('Receive 1 × 84879 into dock-2').focus();
    await scan('84879');
    await button('Receive 2 × 84879 into dock-2').waitFor();
    expect(floor.server.acts).toEqual([]);
  });
});

inChromium('the floor page: acts', () => {
  test('receives goods line by line against the document', async () => {
    await go({ screen: 'receive', document: 'ASN-77120' });
    await page.getByRole('button', { name: /^84879/ }).click();
    await button('Receive 60 × 84879 into dock-2').click();
    await said('Done: Receive 60 × 84879 into dock-2').waitFor();
    expect(lastAct()).toMatchObject({
      type: 'receive',
      zone: 'dock-2',
      document: { id: 'ASN-77120', line: 2 },
      what: { goods: { item: '84879', quantity: 60, owner: 'own' } },
    });
    expect(lastAct()?.id).toMatch(/^[0-9a-f]{32}$/);
  });

  test('receives single things by their serial numbers, each once', async () => {
    await go({ screen: 'receive', document: 'ASN-77120' });
    await page.getByRole('button', { name: /^04012345123456/ }).click();
    await button('Scan the serial number of each').waitFor();
    await scan(']d201040123451234562167890');
    await button('Receive 1 × 04012345123456 into dock-2').waitFor();
    await scan(']d201040123451234562167890');
    await button('Receive 1 × 04012345123456 into dock-2').click();
    await said(/^Done: Receive/).waitFor();
    expect(lastAct()).toMatchObject({ what: { goods: { quantity: 1, serials: [serialEpc] } } });
  });

  test('receives an announced pallet by scanning it, and closes with the difference said', async () => {
    await go({ screen: 'receive', document: 'ASN-77120' });
    await said('Announced units').waitFor();
    await scan('00376130321000300843');
    await said(/^Done: Receive unit/).waitFor();
    expect(lastAct()).toMatchObject({ type: 'receive', what: { unit: pallet } });
    await button('Close ASN-77120 …').click();
    await said(/79 units short on 3 lines/).waitFor();
    await button('Close ASN-77120').click();
    await said('Done: Close ASN-77120').waitFor();
    expect(lastAct()).toMatchObject({ type: 'close', document: { id: 'ASN-77120' } });
  });

  test('counts blind, counts scans, and says what the count led to', async () => {
    floor.server.answer = (act) => ({
      ...appliedAnswer(act.id),
      count: { result: 'recount', lines: null },
    });
    await go({ screen: 'count', zone: 'storage' });
    await said('0 of 3 lines counted').waitFor();
    await scan('84879');
    await scan('84879');
    const scanned = page.getByRole('textbox', { name: '84879', exact: true });
    await expect.poll(() => scanned.inputValue()).toBe('2');
    await page.getByRole('textbox', { name: '22423, lot L881' }).fill('238');
    await page.reload();
    await said('2 of 3 lines counted').waitFor();
    await said(/^Goes on with what you counted until/).waitFor();
    await button('Finish the count of 3 lines').click();
    await said('1 line without a figure.').waitFor();
    await button('Yes, nothing of 1 line is here').click();
    await said('A recount is needed').waitFor();
    await floor.shoot(page, 'floor-counted-light-390');
    expect(lastAct()).toMatchObject({
      type: 'count',
      zone: 'storage',
      found: [
        { item: '22423', lot: 'L881', quantity: 238 },
        { item: '84879', quantity: 2 },
        { item: '85123A', quantity: 0 },
      ],
    });
  });

  test('counts again for a task, and says which count it checks', async () => {
    await go({ screen: 'home' });
    await button('Count again').click();
    await page.getByRole('textbox', { name: '22423, lot L881' }).fill('240');
    await button('Finish the count of 3 lines').click();
    await button(/^Yes, nothing of/).click();
    await expect.poll(lastAct).toMatchObject({ recountOf: 'a-count-1', task: 't1190-0' });
  });

  test('puts on hold with a reason, and releases what is tapped', async () => {
    await go({ screen: 'hold', code: '85123A' });
    await page.getByRole('textbox', { name: 'How many' }).fill('10');
    await choose('Damage');
    await button('Put 10 × 85123A on hold').click();
    await said('Done: Put 10 × 85123A on hold').waitFor();
    expect(lastAct()).toMatchObject({ type: 'hold', reason: 'damage', zone: 'storage' });
    await button(/^47566 in cold-2/).click();
    await page.getByRole('textbox', { name: 'How many' }).fill('120');
    await button('Release 120 × 47566').click();
    await said('Done: Release 120 × 47566').waitFor();
    expect(lastAct()).toMatchObject({
      type: 'release',
      status: 'quality-hold',
      what: { goods: { item: '47566', lot: 'L883', quantity: 120 } },
    });
  });

  test('adjusts within what is left of the limit, and asks for no more', async () => {
    floor.server.leftUnits = 30;
    await go({ screen: 'adjust', code: '85123A' });
    await said(/30 of 500 units/).waitFor();
    const many = page.getByRole('textbox', { name: 'How many' });
    await many.fill('31');
    await said(/At most 30/).waitFor();
    await many.fill('4');
    await choose('Damaged');
    floor.server.leftUnits = 26;
    await button('Adjust 85123A in storage by −4').click();
    await said(/^Done: Adjust/).waitFor();
    await said(/26 of 500 units/).waitFor();
    expect(lastAct()).toMatchObject({ type: 'adjust', quantity: -4, reason: 'damaged' });
  });

  test('packs what is scanned into a unit, and breaks a unit up', async () => {
    await go({ screen: 'pack', code: pallet });
    await said('Nothing yet.').waitFor();
    await scan('84879');
    await said('1 × 84879').waitFor();
    await scan('84879');
    await scan('CASE-0117');
    await button('Pack 2 things into unit …00843').click();
    await said(/^Done: Pack 2 things/).waitFor();
    expect(lastAct()).toMatchObject({
      type: 'pack',
      parent: pallet,
      zone: 'dock-2',
      goods: [{ item: '84879', quantity: 2 }],
      units: ['lpn:CASE-0117'],
    });
    await choose('Break up');
    await button('Break up unit …00843: take everything out').click();
    await said(/^Done: Break up/).waitFor();
    expect(lastAct()).not.toHaveProperty('goods');
    expect(lastAct()).toMatchObject({ type: 'unpack', parent: pallet });
  });

  test('takes single things out of a unit, and begins a new one from its label', async () => {
    await go({ screen: 'pack', mode: 'unpack', code: pallet });
    await button('Scan what comes out').waitFor();
    await scan('84879');
    await button('Take 1 thing out of unit …00843').click();
    await said(/^Done: Take 1 thing/).waitFor();
    expect(lastAct()).toMatchObject({ type: 'unpack', goods: [{ item: '84879', quantity: 1 }] });
    await button('Another pallet or case').click();
    await choose('Pack');
    await scan('CASE-NEW-7');
    await said('new here').waitFor();
    await scan('84879');
    await choose(/^storage/);
    await button('Pack 1 thing into CASE-NEW-7').click();
    await said(/^Done: Pack/).waitFor();
    expect(lastAct()).toMatchObject({ type: 'pack', parent: 'lpn:CASE-NEW-7', zone: 'storage' });
  });

  test('settles a task that needs nothing', async () => {
    await go({ screen: 'home' });
    await page.getByRole('link', { name: 'All 3 tasks' }).click();
    await button('End it …: Identify · cold-2').click();
    await button('It was nothing').click();
    await said('Done: Nothing to do: Identify · cold-2').waitFor();
    expect(lastAct()).toMatchObject({ type: 'resolve', task: 't1171-2', outcome: 'dismissed' });
  });

  test('ships against the document, from where the book has it, and says what the door saw', async () => {
    await go({ screen: 'ship' });
    await page.getByRole('link', { name: /^5512/ }).click();
    await said('RFID 24').waitFor();
    await page.getByRole('button', { name: /^84879/ }).click();
    await button('Ship 60 × 84879 from dock-3').click();
    await said('Done: Ship 60 × 84879 from dock-3').waitFor();
    expect(lastAct()).toMatchObject({
      type: 'ship',
      zone: 'dock-3',
      status: 'shipping',
      document: { id: '5512', line: 2 },
      what: { goods: { item: '84879', quantity: 60, owner: 'own' } },
    });
    await button('Ship unit …00843').click();
    await said('Done: Ship unit …00843 from dock-3').waitFor();
    expect(lastAct()).toMatchObject({ type: 'ship', what: { unit: pallet }, zone: 'dock-3' });
  });

  test('sweeps a zone with what a handheld read, and lists what differs', async () => {
    floor.server.answer = (act) => ({
      ...appliedAnswer(act.id),
      sweep: {
        zone: 'storage',
        booked: 3,
        seen: 1,
        inferred: 0,
        missing: unreadEpcs.slice(),
        unexpected: [{ epc: serialEpc, bookedZone: 'dock-2' }],
        unknown: 1,
        more: false,
      },
    });
    await go({ screen: 'sweep', zone: 'storage' });
    await button('Sweep storage with its readers').waitFor();
    await scan(serialEpc);
    await scan(serialEpc.toLowerCase());
    await scan(unreadEpcs[0]);
    await button('Sweep storage with 2 tags').click();
    await said('1 of 3 seen').waitFor();
    await said('booked in dock-2').waitFor();
    expect(lastAct()).toMatchObject({ type: 'sweep', epcs: [serialEpc, unreadEpcs[0]] });
    await floor.shoot(page, 'floor-swept-light-390');
    expect(await floor.axe(page)).toEqual([]);
    await page.getByRole('link', { name: unreadEpcs[1] }).click();
    await page.getByRole('heading', { name: 'Find', level: 1 }).waitFor();
  });

  test('checks a unit of which a part was read: what is found, what is taken out', async () => {
    await go({ screen: 'home' });
    await button('Check the unit').click();
    await said('45 of 48 read').waitFor();
    await scan(serialEpc);
    await button('Take the 2 out: not there').click();
    await said(/^Done: Take 2 serial numbers/).waitFor();
    expect(lastAct()).toMatchObject({
      type: 'unpack',
      parent: pallet,
      serials: [...unreadEpcs],
      task: 't1204-0',
    });
    await button('Accept all 48 in dock-2').click();
    await expect.poll(lastAct).toMatchObject({ type: 'resolve', outcome: 'done' });
  });

  test('says why an act was refused and what to do, and keeps what was entered', async () => {
    floor.server.answer = (act) => ({
      ...appliedAnswer(act.id),
      outcome: 'refused',
      events: [],
      refusal: {
        code: 'beyond-balance',
        detail: '5 of 3 units left',
        path: 'what.goods.quantity',
        value: 5,
        remedy: 'Count the zone first.',
      },
    });
    await go({ screen: 'move', code: '85123A' });
    await page.getByRole('textbox', { name: 'How many' }).fill('5');
    await choose(/^cold-2/);
    await button('Move 5 × 85123A from storage to cold-2').click();
    await said('There is not so much here').waitFor();
    await said('Count the zone first.').waitFor();
    await floor.shoot(page, 'floor-refused-light-390');
    expect(await scrollsSideways(page)).toBe(false);
    await button('Move 5 × 85123A from storage to cold-2').waitFor();
  });

  test('lets a person without rights look, and says why nothing can be done', async () => {
    floor.server.lookOnly = true;
    await go({ screen: 'adjust', code: '85123A' });
    await said('Nothing lets you adjust here.').waitFor();
    expect(await button('You may look here, not act: ask a supervisor').isDisabled()).toBe(true);
  });

  test('keeps quantities from who counts: hatched, never zero', async () => {
    floor.server.blind = true;
    await go({ screen: 'find', code: '85123A' });
    await said('unknown: not shown while it is being counted').waitFor({ state: 'attached' });
    expect(await page.getByText('1 310').count()).toBe(0);
  });
});

inChromium('the floor page: away from the gateway, and the hub away', () => {
  test('says that the hub is away, what is kept and for how long, and works on', async () => {
    floor.server.hub = 'away';
    await go({ screen: 'home' });
    await said(/Hub away since 10:4\d/).waitFor();
    await said(/1\u202f204 events kept here, room for 9 days\. Carry on\./).waitFor();
    await floor.shoot(page, 'floor-hub-away-light-390');
    expect(await floor.axe(page)).toEqual([]);
    expect(await page.getByText('No answer from the gateway').count()).toBe(0);
    await page.setViewportSize({ width: 1440, height: 900 });
    await floor.shoot(page, 'floor-hub-away-light-1440');
  });

  test('keeps an act over a reload and sends it again under the same id', async () => {
    await go({ screen: 'move', code: '85123A' });
    await page.getByRole('textbox', { name: 'How many' }).fill('7');
    await choose(/^cold-2/);
    floor.server.losesAnswers = true;
    await button('Move 7 × 85123A from storage to cold-2').click();
    await said(/^Kept on this device: Move 7/).waitFor();
    await said('1 act on the way.').waitFor();
    await floor.shoot(page, 'floor-act-waiting-light-390');
    expect(await floor.axe(page)).toEqual([]);
    await page.reload();
    await said('1 act on the way.').waitFor();
    floor.server.losesAnswers = false;
    // It also goes by itself after a while, and the button with it.
    await Promise.race([
      button('Send now').click(),
      said('1 act on the way.').waitFor({ state: 'detached' }),
    ]);
    await said('1 act on the way.').waitFor({ state: 'detached' });
    const ids = new Set(floor.server.acts.map(({ id }) => id));
    expect(floor.server.acts.length).toBeGreaterThan(1);
    expect(ids.size).toBe(1);
    expect(new Set(floor.server.acts.map((act) => JSON.stringify(act))).size).toBe(1);
  });

  test('shows what was known, says how old it is, and recovers by itself', async () => {
    await go({ screen: 'home' });
    await said('one account differs').waitFor();
    floor.server.unreachable = true;
    await said('No answer from the gateway.').waitFor({ timeout: 15_000 });
    await said(/What you see was true at 14:0\d:\d\d/).waitFor();
    await said('one account differs').waitFor();
    await floor.shoot(page, 'floor-stale-light-390');
    expect(await floor.axe(page)).toEqual([]);
    floor.server.unreachable = false;
    await button('Try now').click();
    await said('No answer from the gateway.').waitFor({ state: 'detached' });
  });

  test('has every screen before it is needed, so that a lost network stops none', async () => {
    await page.clock.install();
    await go({ screen: 'home' });
    await said('one account differs').waitFor();
    const loaded = page.waitForResponse(/pack-screen/);
    await page.clock.fastForward(1500);
    await loaded;
    await page.route(/\.js$/, (route) => route.abort());
    await page.getByRole('link', { name: /^Pack/ }).click();
    await said('Scan the pallet or case').waitFor();
  });

  test('tells of an act that was refused while nobody was looking', async () => {
    await go({ screen: 'move', code: '85123A' });
    await page.getByRole('textbox', { name: 'How many' }).fill('7');
    await choose(/^cold-2/);
    floor.server.losesAnswers = true;
    await button('Move 7 × 85123A from storage to cold-2').click();
    await said('1 act on the way.').waitFor();
    await page.getByRole('link', { name: 'Back to all tasks' }).click();
    floor.server.answer = (act) => ({
      ...appliedAnswer(act.id),
      outcome: 'refused',
      refusal: { code: 'lease-expired', detail: '', path: null, value: null, remedy: '' },
    });
    floor.server.losesAnswers = false;
    await button('Send now').click();
    await said('Not done: Move 7 × 85123A from storage to cold-2.').waitFor();
    await said('Your rights here have run out').waitFor();
    await button('Seen').click();
    await said('Not done:').waitFor({ state: 'detached' });
  });
});

inChromium('the floor page: live flow', () => {
  test('shows messages as they come, from raw to event, and stands still when paused', async () => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await go({ screen: 'flow' });
    await expect.poll(() => floor.server.flows).toBe(1);
    const nowMs = floor.server.nowMs();
    floor.server.say({ type: 'item', item: flowItem(8801, nowMs), skipped: 0 });
    const broken = {
      trouble: 'no JSON',
      raw: '7b226',
      decoded: [],
      readings: 0,
      events: [],
      said: 0,
    };
    floor.server.say({ type: 'item', item: flowItem(8802, nowMs, broken), skipped: 12 });
    await page.getByRole('article', { name: 'Message 8801 of reader-dock-2' }).waitFor();
    await said(`${serialEpc} into dock-2`).waitFor();
    await said('12 messages not shown').waitFor();
    await said('could not be read').waitFor();
    await floor.shoot(page, 'floor-flow-light-1440');
    expect(await floor.axe(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    await floor.shoot(page, 'floor-flow-light-390');
    await button('Pause').click();
    floor.server.say({ type: 'item', item: flowItem(8803, nowMs), skipped: 0 });
    await said('13 messages not shown').waitFor();
    expect(await page.getByRole('article').count()).toBe(2);
  });
});

inChromium('the floor page: its size', () => {
  test('asks for at most 80 kB of script before home stands', async () => {
    await page.clock.install();
    const scripts: Promise<number>[] = [];
    page.on('response', (response) => {
      if (!response.url().endsWith('.js')) return;
      scripts.push(response.body().then((body) => gzipSync(body).length));
    });
    await go({ screen: 'home' });
    await said('one account differs').waitFor();
    await page.waitForLoadState('load');
    const sizes = await Promise.all(scripts);
    expect(sizes.length).toBeGreaterThan(3);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(80_000);
  });
});
