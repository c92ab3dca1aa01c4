import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openIntakeLog } from '../intake/open-intake-log.ts';
import { readIntake } from '../intake/intake-store.ts';
import { readJournal } from '../journal/read-journal.ts';
import { runCli, setUpGateway, startGateway } from '../testing/gateway-process.ts';
import { createTestLog, FakeClock, tempDir, until } from '../testing/test-parts.ts';

const yearMs = 365 * 24 * 3_600_000;

/** An intake log that was written while the machine's clock stood this far ahead. */
async function writeAhead(path: string, aheadMs: number): Promise<number> {
  const atMs = Date.now() + aheadMs;
  const { log } = createTestLog();
  const intake = openIntakeLog({
    path,
    budgetBytes: 2 ** 30,
    floorBytes: 1,
    freeBytes: () => 2 ** 40,
    clock: new FakeClock(atMs),
    log,
    fatal: () => {},
  });
  await new Promise<void>((done) => void intake.append({ type: 'tick' }, atMs, () => done()));
  intake.close();
  return atMs;
}

test('a gateway that was led years ahead goes on from now once a person says so', async () => {
  const dir = tempDir();
  const setup = await setUpGateway(dir);
  expect((await runCli(['clock', 'accept', '--config', setup.file], dir)).code).not.toBe(0);
  const before = await startGateway(setup);
  expect((await runCli(['clock', 'accept', '--config', setup.file], dir)).stderr).toContain(
    'another gateway runs',
  );
  expect(await before.end('SIGTERM')).toBe(0);
  const nothing = await runCli(['clock', 'accept', '--config', setup.file], dir);
  expect(nothing.code).toBe(1);
  expect(nothing.stderr).toContain('not ahead');
  const aheadAt = await writeAhead(join(setup.dataDir, 'intake.db'), 5 * yearMs);
  const shown = await runCli(['clock', 'show', '--config', setup.file], dir);
  const { aheadMs } = JSON.parse(shown.stdout) as { aheadMs: number };
  expect(aheadMs).toBeGreaterThan(4 * yearMs);
  expect(await runCli(['clock', 'accept', '--config', setup.file], dir)).toMatchObject({ code: 0 });
  const gateway = await startGateway(setup);
  await until(async () => (await gateway.health()).intake.backlog === 0);
  const nowMs = Date.now();
  const metrics = await fetch(`http://127.0.0.1:${setup.httpPort}/metrics`, {
    headers: { authorization: `Bearer ${setup.token}` },
  });
  expect(await metrics.text()).toContain('holdfast_clock_ahead_ms 0');
  expect(await gateway.end('SIGTERM')).toBe(0);
  const times = [...readIntake(join(setup.dataDir, 'intake.db'))].slice(-1);
  expect(Math.abs((times[0]?.receivedAtMs ?? 0) - nowMs)).toBeLessThan(yearMs);
  const events = [...readJournal(setup.dataDir)].map(({ header, payload }) => header + payload);
  const at = events.findIndex((text) => text.includes('gateway.clock-accepted'));
  expect(events[at]).toContain(`"from":${aheadAt}`);
  expect(events.slice(at + 1).some((text) => text.includes('gateway.started'))).toBe(true);
  const verified = await runCli(['journal', 'verify', '--data', setup.dataDir], dir);
  expect(verified).toMatchObject({ code: 0 });
}, 60_000);
