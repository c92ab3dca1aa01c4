import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { hostileText, password, startApi, username, type TestApi } from './testing/start-api.ts';

const consoleDir = join(import.meta.dirname, '../../web/dist');
const { chromium: executablePath } = inject('programs');

describe.skipIf(executablePath === '')(
  'the console in Chromium, under the hub’s own headers',
  () => {
    let api: TestApi;
    let browser: Browser;
    beforeAll(async () => {
      api = await startApi({ consoleDir });
      await api.app.listen({ host: '127.0.0.1', port: 0 });
      browser = await chromium.launch({
        executablePath,
        args: ['--disable-background-networking'],
      });
    }, 30_000);
    afterAll(async () => {
      await browser.close();
      await api.stop();
    });

    test('signs in, shows device text as text, and breaks no policy', async () => {
      const page = await browser.newPage();
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('dialog', (dialog) => complaints.push(`a dialog: ${dialog.message()}`));
      page.on('console', (message) => {
        // That nobody is signed in yet is what the page asks first.
        const expected = message.text().includes('401');
        if (message.type() === 'error' && !expected) complaints.push(message.text());
      });
      const { port } = api.app.server.address() as AddressInfo;
      await page.goto(`http://127.0.0.1:${port}/`);
      await page.getByRole('textbox', { name: 'User name' }).fill(username);
      await page.getByRole('textbox', { name: 'Password' }).fill(password);
      await page.keyboard.press('Enter');
      await page.getByText('alert(1)').first().waitFor();
      expect(hostileText).toContain('<script>alert(1)</script>');
      for (const screen of ['Fleet', 'Outages', 'Stock']) {
        await page.getByRole('link', { name: screen }).click();
        await page.getByRole('heading', { name: screen }).first().waitFor();
      }
      expect(complaints).toEqual([]);
      await page.close();
    }, 60_000);
  },
);
