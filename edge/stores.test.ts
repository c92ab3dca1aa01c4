import { describe, expect, onTestFinished, test } from 'vitest';
import { Fault } from '#contracts/fault.ts';
import { profileOf } from '../devices/registry.ts';
import { loadConfig } from './config/load-config.ts';
import { openStores } from './stores.ts';
import { setUpGateway } from './testing/gateway-process.ts';
import { createTestLog, tempDir } from './testing/test-parts.ts';

test('an intake log that the journal is ahead of is refused, for its entries would be skipped', async () => {
  const { file } = await setUpGateway(tempDir());
  const config = loadConfig(file, profileOf);
  if (!config.ok) throw new Error(config.refusal.message);
  const open = () =>
    openStores(config.value, createTestLog().log, (error) => {
      throw error;
    });
  const stores = open();
  stores.journal.commit({ cursor: 7, items: [], states: [], quarantined: [] });
  stores.close();
  const caught = catchFault(open);
  expect(caught).toMatchObject({ code: 'STORE_BROKEN', details: { lastPos: 0, cursor: 7 } });
  expect(caught?.message).toContain('put back');
});

function catchFault(run: () => unknown): Fault | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  return undefined;
}

describe('room on the disk', () => {
  async function open(reserveBytes: number) {
    const disk = { intakeBudgetBytes: 2 ** 30, floorBytes: 2 ** 20, reserveBytes };
    const { file } = await setUpGateway(tempDir(), { disk });
    const config = loadConfig(file, profileOf);
    if (!config.ok) throw new Error(config.refusal.message);
    const stores = openStores(config.value, createTestLog().log, (error) => {
      throw error;
    });
    onTestFinished(() => stores.close());
    return stores;
  }

  test('is what is left when the journal has its own', async () => {
    const stores = await open(2 ** 20);
    expect(stores.freeBytes()).toBeGreaterThan(2 ** 20);
  });

  test('is never less than none, however much is to be reserved', async () => {
    const stores = await open(2 ** 50);
    expect(stores.ballast.held).toBe(false);
    expect(stores.freeBytes()).toBe(0);
  });
});
