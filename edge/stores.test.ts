import { describe, expect, onTestFinished, test } from 'vitest';
import { profileOf } from '../devices/registry.ts';
import { loadConfig } from './config/load-config.ts';
import { openStores } from './stores.ts';
import { setUpGateway } from './testing/gateway-process.ts';
import { createTestLog, tempDir } from './testing/test-parts.ts';

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
