import { describe, expect, test } from 'vitest';
import { correctedTimes } from '#contracts/corrected-times.ts';
import type { EventDraft, EventHeader } from '#contracts/envelope.ts';
import { eventKinds, type EventPayload } from '#contracts/event-kinds.ts';
import { validate } from '#contracts/validate.ts';
import type { ClockDoubt, IntakeBody } from '../intake/intake-entry.ts';
import { restoreObserver, type Observer, type StateRow } from './observer.ts';
import * as site from './testing/test-site.ts';

const { startMs } = site;
const [epc] = site.epcs;
const weekMs = 7 * 24 * 3_600_000;
const behind: ClockDoubt = { reason: 'behind', systemMs: 5000, behindMs: startMs - 5000 };
const boot = (clock?: ClockDoubt): IntakeBody => ({
  type: 'boot',
  clean: false,
  version: '1',
  ...(clock !== undefined && { clock }),
});
const setRight = (shiftMs: number): IntakeBody => ({
  type: 'clock-seen',
  shiftMs,
  step: { byMs: startMs, fromMs: 5000, toMs: startMs + 5000 },
});
/** A shelf whose clock is right, and so a week ahead of the gateway's. */
const read = (claimedMs?: number): IntakeBody =>
  site.impinjBody({ epc, antenna: 1, ...(claimedMs !== undefined && { atMs: claimedMs }) });

interface Said extends EventDraft {
  readonly receivedAt: number;
}

/** Restores the observer from its rows before each entry: nothing is kept but these. */
function play(...bodies: readonly (readonly [afterMs: number, body: IntakeBody])[]) {
  const rows = new Map<string, StateRow>();
  const said: Said[] = [];
  let observer: Observer = restoreObserver([]);
  for (const entry of site.entriesOf([[0, site.configBody()], ...bodies])) {
    observer = restoreObserver(rows.values());
    const { drafts } = observer.step(entry);
    said.push(...drafts.map((one) => ({ ...one, receivedAt: entry.receivedAtMs })));
    for (const row of observer.takeDirty()) rows.set(`${row.machine}\n${row.key}`, row);
  }
  for (const { kind, payload } of said) {
    expect(validate(eventKinds[kind].payload, payload)).toMatchObject({ ok: true });
  }
  return { said: said.slice(1), observer };
}

const kind = (said: readonly Said[], of: string) => said.find((one) => one.kind === of);
/** As the hub does it, once it has the event that says how. */
const corrected = (said: readonly Said[], of: Said | undefined) =>
  correctedTimes(
    of as unknown as EventHeader,
    kind(said, 'gateway.clock-trusted')?.payload as EventPayload<'gateway.clock-trusted'>,
  );

describe('a gateway whose clock is behind', () => {
  const first = startMs + 2000 + weekMs;

  test('calls no reader wrong that is right, keeps what it says, and is corrected later', () => {
    const { said } = play(
      [1000, boot(behind)],
      [2000, read(first - 100)],
      [2100, read(first)],
      [5000 + weekMs, setRight(weekMs)],
    );
    expect(kind(said, 'gateway.clock-doubted')?.payload).toEqual({
      behindMs: startMs - 5000,
      reason: 'behind',
      systemAt: 5000,
    });
    const appeared = kind(said, 'tag.appeared');
    expect(appeared).toMatchObject({
      timeQuality: 'unjudged',
      occurredAt: startMs + 2100,
      claimedAt: first,
    });
    expect(kind(said, 'gateway.clock-stepped')?.payload).toMatchObject({ byMs: startMs });
    expect(kind(said, 'gateway.clock-trusted')).toMatchObject({
      timeQuality: 'arrival',
      payload: {
        since: startMs + 1000,
        until: startMs + 5000,
        shift: { byMs: weekMs, from: startMs + 1000 },
      },
    });
    expect(corrected(said, appeared)).toEqual({
      receivedAt: startMs + 2100 + weekMs,
      occurredAt: first,
      timeQuality: 'device',
    });
    const started = kind(said, 'gateway.started');
    expect(started?.timeQuality).toBe('unjudged');
    expect(corrected(said, started)).toMatchObject({ occurredAt: startMs + 1000 + weekMs });
  });

  test('judges a reader that is wrong once its own clock is right', () => {
    const { said } = play(
      [1000, boot(behind)],
      [2000, read(1000)],
      [2100, read(1100)],
      [5000 + weekMs, setRight(weekMs)],
    );
    expect(corrected(said, kind(said, 'tag.appeared'))).toEqual({
      receivedAt: startMs + 2100 + weekMs,
      occurredAt: startMs + 2100 + weekMs,
      timeQuality: 'implausible',
    });
  });

  test('marks nothing any more once it is right, but what was seen before', () => {
    const late = 5000 + weekMs;
    const { said, observer } = play(
      [1000, boot(behind)],
      [2000, read(first - 100)],
      [late, setRight(weekMs)],
      [late + 1000, read(startMs + late + 900)],
      [late + 1100, read(startMs + late + 1000)],
    );
    expect(kind(said, 'tag.appeared')?.timeQuality).toBe('device');
    expect(observer.facts(startMs + late).clockDoubt).toBeUndefined();
    const { alerts } = observer.facts(startMs + late);
    expect(alerts).toMatchObject([{ type: 'gateway-fault', open: false }]);
    expect(alerts[0]?.text).toContain('jumped forward');
    // A week passed for the clock, not for devices and tags.
    const kinds = new Set(said.map((one) => one.kind));
    expect([...kinds].filter((one) => /silent|departed|heard/.test(one))).toEqual([]);
  });

  test('says so to people for as long as it lasts', () => {
    const { observer } = play([1000, boot(behind)]);
    const facts = observer.facts(startMs + 2000);
    expect(facts.clockDoubt).toMatchObject({ reason: 'behind', sinceMs: startMs + 1000 });
    expect(facts.alerts).toMatchObject([{ id: 'own-clock', open: true, type: 'gateway-fault' }]);
  });

  test('says of times from before its last start only that they are early', () => {
    const { said } = play(
      [1000, boot(behind)],
      [2000, read()],
      [2100, read()],
      [3000, boot(behind)],
      [5000 + weekMs, setRight(weekMs)],
    );
    expect(kind(said, 'gateway.clock-trusted')?.payload).toMatchObject({
      since: startMs + 1000,
      shift: { from: startMs + 3000 },
    });
    expect(corrected(said, kind(said, 'tag.appeared'))).toBeUndefined();
  });

  test('is right again by a start with the right time, and nobody knows what was in between', () => {
    const { said } = play([1000, boot(behind)], [2000, read()], [weekMs, boot()]);
    const { payload } = kind(said, 'gateway.clock-trusted') ?? {};
    expect(payload).toEqual({ since: startMs + 1000, until: startMs + weekMs });
  });
});

test('a jump back by an hour and forth again is told, and the time between was right', () => {
  const hourMs = 3_600_000;
  const system = startMs - hourMs;
  const { said } = play(
    [
      1000,
      {
        type: 'clock-seen',
        shiftMs: 0,
        doubt: { reason: 'behind', systemMs: system, behindMs: hourMs },
        step: { byMs: -hourMs, fromMs: startMs, toMs: system },
      },
    ],
    [2000, read(startMs + 1900)],
    [2100, read(startMs + 2000)],
    [
      3000,
      {
        type: 'clock-seen',
        shiftMs: 0,
        step: { byMs: hourMs, fromMs: system + 2000, toMs: startMs + 3000 },
      },
    ],
  );
  expect(said.map((one) => one.kind)).toEqual([
    'gateway.clock-stepped',
    'gateway.clock-doubted',
    'tag.appeared',
    'gateway.clock-stepped',
    'gateway.clock-trusted',
  ]);
  const appeared = kind(said, 'tag.appeared');
  expect(appeared).toMatchObject({ timeQuality: 'unjudged', occurredAt: startMs + 2000 });
  expect(corrected(said, appeared)).toEqual({
    receivedAt: startMs + 2100,
    occurredAt: startMs + 2000,
    timeQuality: 'device',
  });
});
