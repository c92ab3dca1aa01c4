import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { LiveView, viewLines } from './live-view.ts';
import type { RunStatus } from './warehouse-run.ts';

const status: RunStatus = {
  made: 12_345,
  covered: 10_000,
  uncovered: 57,
  acknowledged: 12_000,
  misread: 9,
  waitingInDevices: 3,
  gateways: [
    {
      site: 'site-1',
      up: true,
      linkCut: true,
      journalled: 500,
      committed: 440,
      intakeBacklog: 0,
      uplink: 'away',
      quarantined: 2,
    },
    { site: 'site-2', up: false, linkCut: false },
  ],
  outages: 1,
  restarts: 2,
};

test('says how much a check while running has looked up', () => {
  const found = { lost: 1, doubled: 0, chain: 'ok', missingGaps: 0, findings: [] } as const;
  const verdict = { ...found, messages: 1234, events: 567 };
  expect(viewLines(61.2, status, { verdict, agoS: 3 }).at(-1)).toBe(
    'check    lost 1   doubled 0   chain ok   1,234 messages, 567 events, 3 s ago',
  );
  expect(viewLines(61.2, status).at(-1)).toBe('check    not yet');
});

test('shows world against ledger', () => {
  const verdict = { lost: 0, doubled: 0, chain: 'ok', missingGaps: 0, findings: [] } as const;
  expect(viewLines(61.2, status, { verdict, agoS: 12 })).toEqual([
    '61 s   outages 1   gateway restarts 2',
    'world    events made 12,345   covered 10,000   uncovered 57   misread 9',
    'devices  acknowledged 12,000   kept 3   quarantined 2',
    'ledger   journalled 500   committed 440   waiting 60',
    '  site-1  gateway up, link CUT, uplink away, waiting 60',
    '  site-2  gateway DOWN, link ok, uplink unknown, waiting 0',
    'check    lost 0   doubled 0   chain ok   all, 12 s ago',
  ]);
});

function terminal(isTTY: boolean) {
  const stream = Object.assign(new PassThrough(), {
    isTTY,
    columns: 40,
    moveCursor: (_x: number, lines: number) => stream.write(`<up ${-lines}>`),
    clearScreenDown: () => stream.write('<clear>'),
  });
  return stream as unknown as NodeJS.WriteStream & PassThrough;
}

test('draws over itself on a terminal, and keeps what it says above', () => {
  const stream = terminal(true);
  const view = new LiveView(stream);
  view.show(['a', 'b']);
  view.say('noted');
  view.show(['c']);
  expect(String(stream.read())).toBe('a\nb\n<up 2><clear>noted\nc\n');
});

test('cuts a line to the terminal, and leaves it whole where the terminal has no size', () => {
  const line = 'x'.repeat(60);
  for (const [columns, shown] of [
    [40, 39],
    [0, 60],
    [undefined, 60],
  ] as const) {
    const stream = Object.assign(terminal(true), { columns });
    new LiveView(stream).show([line]);
    expect(String(stream.read())).toBe(`${'x'.repeat(shown)}\n`);
  }
});

test('writes one line after the other where nobody watches', () => {
  const stream = terminal(false);
  const view = new LiveView(stream);
  view.show(['a', 'b']);
  view.show(['c', 'd']);
  expect(String(stream.read())).toBe('a | b\nc | d\n');
});
