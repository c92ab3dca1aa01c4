import { describe, expect, test } from 'vitest';
import type { IntakeBody } from './intake/intake-entry.ts';
import { configBody, startMs } from './observe/testing/test-site.ts';
import { StandingObserver } from './observe/standing-observer.ts';
import { Pipeline } from './pipeline.ts';
import { fullLease, stockSite } from './post/testing/stock-rig.ts';
import { openTestStores } from './testing/open-test-stores.ts';
import { createTestLog, FakeClock, tempDir, until } from './testing/test-parts.ts';

function openPipeline(lingerMs?: number) {
  const dir = tempDir();
  const clock = new FakeClock(startMs);
  const { log } = createTestLog();
  const { intake, journal } = openTestStores(dir, clock, log);
  const observer = new StandingObserver([]);
  const of = lingerMs === undefined ? {} : { lingerMs };
  const pipeline = new Pipeline({ intake, journal, observer, log, fatal: () => {}, ...of });
  pipeline.start();
  const close = async () => {
    await pipeline.stop();
    intake.close();
    journal.close();
  };
  return { intake, journal, pipeline, close };
}

function receive(id: string, quantity = 5): IntakeBody {
  const what = { goods: { item: 'screw-m4', quantity } };
  const act = { type: 'receive', id, person: 'p-1', zone: 'storage', what } as const;
  return { type: 'act', act, lease: fullLease };
}

describe('an interface that submits an act', () => {
  test('learns its outcome, its events and where they are in the journal', async () => {
    const { intake, journal, pipeline, close } = openPipeline();
    intake.append(configBody(stockSite), startMs);
    const said = await pipeline.submit(receive('act-00001'), startMs + 1);
    expect(said).toMatchObject({
      pos: 2,
      outcome: { type: 'applied' },
      drafts: [{ kind: 'stock.received' }],
      firstSeq: 2,
    });
    expect(journal.cursor()).toBeGreaterThanOrEqual(2);
    expect(journal.head().seq).toBe(2);
    const again = await pipeline.submit(receive('act-00001'), startMs + 2);
    expect(again).toMatchObject({ outcome: { type: 'repeated', of: 'applied' }, drafts: [] });
    expect(again.firstSeq).toBeUndefined();
    await close();
  });

  test('does not wait for the pipeline to gather more', async () => {
    const { pipeline, close } = openPipeline(3_600_000);
    await pipeline.submit(receive('act-00001'), startMs);
    await close();
  });

  test('gets the outcome of its own act among many', async () => {
    const { intake, pipeline, close } = openPipeline(0);
    intake.append(configBody(stockSite), startMs);
    const asked = Array.from({ length: 40 }, (_, index) => {
      const id = `act-${String(index).padStart(5, '0')}`;
      intake.append({ type: 'tick' }, startMs + index);
      return pipeline.submit(receive(id, index + 1), startMs + index);
    });
    const outcomes = await Promise.all(asked);
    const acts = outcomes.map(({ drafts: [draft] }) => (draft?.payload as { by?: object })?.by);
    expect(acts).toEqual(
      outcomes.map((_, index) => ({ act: `act-${String(index).padStart(5, '0')}`, person: 'p-1' })),
    );
    expect(new Set(outcomes.map(({ firstSeq }) => firstSeq)).size).toBe(40);
    await close();
  });

  test('is told when nobody can say any more', async () => {
    const { intake, pipeline, journal, close } = openPipeline(0);
    intake.append({ type: 'tick' }, startMs);
    await until(() => journal.cursor() === 1);
    await expect(pipeline.outcomeOf(1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const late = pipeline.outcomeOf(99);
    await close();
    await expect(late).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(pipeline.submit({ type: 'tick' }, startMs)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  });
});
