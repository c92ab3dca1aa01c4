import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeCanonical } from '#contracts/canonical.ts';
import { eventKinds } from '#contracts/event-kinds.ts';
import { scansRemembered } from '#contracts/remembered.ts';
import { validate } from '#contracts/validate.ts';
import type { SiteConfig } from '../config/gateway-config.ts';
import type { IntakeBody } from '../intake/intake-entry.ts';
import { restoreObserver, type Observer, type ObserverStep } from './observer.ts';
import { SeenScans } from './seen-scans.ts';
import type { StateRow } from './state-row.ts';
import * as site from './testing/test-site.ts';

const { startMs, testSite } = site;
const handheld = { buffers: true, silentAfterMs: 60_000 };
const scanSite: SiteConfig = {
  ...testSite,
  devices: [
    ...testSite.devices,
    { id: 'gun-1', profile: 'http-scanner', zone: 'receiving', ...handheld },
    { id: 'gun-2', profile: 'mqtt-scanner', ...handheld },
    { id: 'rfd', profile: 'zebra-rfd', ...handheld },
  ],
};

type Timed = readonly [afterMs: number, body: IntakeBody];
const scan = (id: string, code = '(00)106141412345678908', device = 'gun-1', at?: string) =>
  site.raw(device, 'scans', JSON.stringify({ id, code, at }));
function play(...bodies: readonly Timed[]): { observer: Observer; steps: ObserverStep[] } {
  const observer = restoreObserver([]);
  const all: Timed[] = [[0, site.bootBody], [0, site.configBody(scanSite)], ...bodies];
  const steps = site.entriesOf(all).map((entry) => observer.step(entry));
  return { observer, steps: steps.slice(2) };
}

function draftsOf(steps: readonly ObserverStep[], kind: string) {
  return steps.flatMap(({ drafts }) => drafts.filter((draft) => draft.kind === kind));
}

describe('scans', () => {
  test('are said with what the code says, where and when', () => {
    const { steps } = play([1000, scan('scan-0001', undefined, 'gun-1', '2026-11-22T07:59:58Z')]);
    const [draft] = draftsOf(steps, 'scan.read');
    expect(draft).toMatchObject({
      device: 'gun-1',
      occurredAt: startMs - 2000,
      timeQuality: 'device',
      payload: { code: { sscc: '106141412345678908' }, scan: 'scan-0001', zone: 'receiving' },
    });
    expect(validate(eventKinds['scan.read'].payload, draft?.payload).ok).toBe(true);
  });

  test('are said once, however often and however late they are sent again', () => {
    const days = 30 * 86_400_000;
    const { steps } = play(
      [1000, scan('scan-0001')],
      [1001, scan('scan-0001')],
      [days, scan('scan-0001')],
    );
    expect(draftsOf(steps, 'scan.read')).toHaveLength(1);
    expect(steps.every(({ quarantined }) => quarantined === undefined)).toBe(true);
  });

  test('of one code one after the other are as many scans as they have ids', () => {
    const bodies = ['scan-0001', 'scan-0002', 'scan-0003'].map((id, index): Timed => [
      1000 + index,
      scan(id, '4006381333931'),
    ]);
    expect(draftsOf(play(...bodies).steps, 'scan.read')).toHaveLength(3);
  });

  test('of two devices with one id are two', () => {
    const { steps } = play([1000, scan('scan-0001')], [1001, scan('scan-0001', 'A', 'gun-2')]);
    expect(draftsOf(steps, 'scan.read').map(({ device }) => device)).toEqual(['gun-1', 'gun-2']);
  });

  test('whose id stood for another code go to quarantine, not to nowhere', () => {
    const { steps } = play([1000, scan('scan-0001', 'A')], [1001, scan('scan-0001', 'B')]);
    expect(draftsOf(steps, 'scan.read')).toHaveLength(1);
    expect(steps[1]?.quarantined?.detail).toContain('scan-0001');
    expect(steps[1]?.quarantined?.reason).toBe('id-used-before');
  });

  test('without an id go to quarantine with that reason', () => {
    const { steps, observer } = play([1000, site.raw('gun-2', '', '{"code":"A"}')]);
    expect(steps[0]?.quarantined).toMatchObject({ reason: 'missing-id', device: 'gun-2' });
    expect(draftsOf(steps, 'device.quarantined')).toMatchObject([
      { payload: { reason: 'missing-id' } },
    ]);
    const health = observer.facts(startMs + 2000).devices.find(({ device }) => device === 'gun-2');
    expect(health?.quarantined).toBe(1);
  });

  test('of a handheld that flushes its buffer keep their old times', () => {
    const data = { barcodeData: [{ decodedBarcode: '4006381333931' }] };
    const timestamp = '2026-11-20T14:00:00.000Z';
    const body = site.raw('rfd', 'data', JSON.stringify({ type: 'X', timestamp, data }));
    const { steps } = play([1000, body], [2000, body]);
    expect(draftsOf(steps, 'scan.read')).toMatchObject([
      { occurredAt: Date.UTC(2026, 10, 20, 14), timeQuality: 'device' },
    ]);
  });
});

describe('what is remembered', () => {
  test('is the last ids of each device; only later scans push one out', () => {
    const seen = new SeenScans();
    expect(seen.take('a', 'first', 'x')).toBe('new');
    for (let n = 1; n < scansRemembered; n += 1) expect(seen.take('a', `id-${n}`, 'x')).toBe('new');
    for (let n = 0; n < scansRemembered; n += 1) seen.take('b', `id-${n}`, 'x');
    expect(seen.take('a', 'first', 'x')).toBe('again');
    expect(seen.take('a', 'one-more', 'x')).toBe('new');
    expect(seen.take('a', 'first', 'x')).toBe('new');
    const rows: StateRow[] = [];
    seen.drainDirty(rows);
    expect(rows.filter(({ machine }) => machine === 'scan-seen')).toHaveLength(2 * scansRemembered);
  });

  test('is the same after a restart between any two scans', () => {
    const ids = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 40 });
    fc.assert(
      fc.property(ids, fc.nat(40), (numbers, cut) => {
        const bodies = numbers.map((n, index): Timed => {
          return [index * 700, scan(`scan-00${n}`, n % 3 === 0 ? 'A' : `${index % 2}`)];
        });
        const all: Timed[] = [[0, site.configBody(scanSite)], ...bodies];
        const entries = site.entriesOf(all);
        const whole = restoreObserver([]);
        const expected = entries.map((entry) => whole.step(entry).drafts);
        const rows = new Map<string, StateRow>();
        let observer = restoreObserver([]);
        const drafts = entries.map((entry, index) => {
          if (index === cut) observer = restoreObserver(rows.values());
          const step = observer.step(entry);
          for (const row of observer.takeDirty()) rows.set(`${row.machine} ${row.key}`, row);
          return step.drafts;
        });
        expect(drafts).toEqual(expected);
        for (const draft of drafts.flat()) encodeCanonical({ ...draft.payload });
      }),
    );
  });
});

describe('inputs', () => {
  const inputs = (...bodies: readonly Timed[]) =>
    draftsOf(play(...bodies).steps, 'input.changed').map(({ payload }) => payload);

  test('are said when they change', () => {
    const [high, low] = [site.inputBody('high', startMs), site.inputBody('low', startMs + 400)];
    expect(inputs([100, high], [500, low])).toEqual([
      { input: 'gpi-1', level: 'high' },
      { from: 'high', input: 'gpi-1', level: 'low' },
    ]);
  });

  test('re-delivered changes say nothing again', () => {
    const [high, low] = [site.inputBody('high', startMs), site.inputBody('low', startMs + 400)];
    expect(inputs([100, high], [500, low], [600, high], [700, low])).toHaveLength(2);
  });
});

describe('health', () => {
  const healthOf = (observer: Observer, device: string, atMs: number) =>
    observer.facts(atMs).devices.find((one) => one.device === device);

  test('shows a scanner over HTTP as connected from its first message until it is silent', () => {
    const never = play([1000, { type: 'tick' }]).observer;
    expect(healthOf(never, 'gun-1', startMs + 1000)).toMatchObject({
      connected: false,
      covered: true,
      profile: 'http-scanner',
      zone: 'receiving',
    });
    const heard = play([1000, scan('scan-0001')], [2000, scan('scan-0002')]).observer;
    expect(healthOf(heard, 'gun-1', startMs + 2000)).toMatchObject({
      connected: true,
      lastHeardAt: startMs + 2000,
      readsPerMinute: 2,
      silent: false,
    });
    const { observer, steps } = play([1000, scan('scan-0001')], [70_000, { type: 'tick' }]);
    expect(healthOf(observer, 'gun-1', startMs + 70_000)).toMatchObject({
      connected: false,
      silent: true,
    });
    expect(draftsOf(steps, 'device.silent').map(({ device }) => device)).toContain('gun-1');
  });

  test('is not connected anew by a restart of the gateway alone, nor lost by it', () => {
    const { observer } = play([1000, scan('scan-0001')], [5000, site.bootBody]);
    expect(healthOf(observer, 'gun-1', startMs + 5000)).toMatchObject({ connected: true });
  });
});
