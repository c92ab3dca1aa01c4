import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fairCredit } from './credit.ts';
import { appeared, JournalFixture } from './testing/journal-fixture.ts';
import { IntakeRig } from './testing/intake-rig.ts';
import { openTestStore } from './testing/test-hub.ts';

let hub: Awaited<ReturnType<typeof openTestStore>>;
let rig: IntakeRig;
const journal = new JournalFixture('north', 'gw-1').add(appeared('A1'), appeared('A2'));

beforeEach(async () => {
  hub = await openTestStore();
  rig = await new IntakeRig(hub.store).welcome(journal);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(async () => {
  vi.useRealTimers();
  rig.receipts.stop();
  await hub.close();
});

describe('receipts', () => {
  test('pushed in a burst become one at once and one when the spacing is over', async () => {
    rig.receipts.push(journal.address);
    await rig.apply(journal, journal.batch(1, 2));
    for (let n = 0; n < 5; n += 1) rig.receipts.push(journal.address);
    expect(rig.pushed.map(({ receipt }) => receipt.committed)).toEqual([0]);
    vi.advanceTimersByTime(100);
    expect(rig.pushed.map(({ receipt }) => receipt.committed)).toEqual([0, 2]);
  });

  test('count upwards, also over a restart of the hub', async () => {
    await rig.apply(journal, journal.batch(1, 2));
    rig.receipts.askReplay(journal.address);
    const again = new IntakeRig(hub.store);
    await again.book.load();
    again.receipts.push(journal.address);
    const [before, after] = [rig.pushed.at(-1), again.pushed.at(-1)];
    expect(after?.receipt.number).toBeGreaterThan(before?.receipt.number ?? Infinity);
  });

  test('ask once for the same replay, and again when time has passed', () => {
    rig.receipts.askReplay(journal.address);
    rig.receipts.askReplay(journal.address);
    expect(rig.pushed.map(({ receipt }) => receipt.state)).toEqual(['replay']);
    rig.clock.advance(2_000);
    rig.receipts.askReplay(journal.address);
    expect(rig.pushed).toHaveLength(2);
  });

  test('share what may be under way between the gateways that drain', () => {
    expect(fairCredit(0)).toBe(8_000);
    expect(fairCredit(4)).toBe(4_000);
    expect(fairCredit(1_000)).toBe(500);
  });
});
