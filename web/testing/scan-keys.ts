import type { Page } from 'playwright-core';

/** Between two keys of a scanner. */
const gapS = 0.008;

/**
 * What a scanner that acts as a keyboard does: real keys in the browser, with the times at which a
 * scanner presses them, however slow the machine is that runs the test.
 */
export async function scanKeys(page: Page, code: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const keys = [...code.matchAll(/./gsu)].map(([key]) => ({ key, text: key }));
  const all = [...keys, { key: 'Enter', text: '\r', code: 'Enter', windowsVirtualKeyCode: 13 }];
  const startS: number = await page.evaluate(() => Date.now() / 1000);
  for (const [at, press] of all.entries()) {
    const timestamp = startS + at * gapS;
    await session.send('Input.dispatchKeyEvent', { type: 'keyDown', timestamp, ...press });
    const { key } = press;
    await session.send('Input.dispatchKeyEvent', { type: 'keyUp', timestamp, key });
  }
  await session.detach();
}
