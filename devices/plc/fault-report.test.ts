import { expect, test } from 'vitest';
import type { DeviceFault } from '../device-fault.ts';
import { FaultReport } from './fault-report.ts';

function record() {
  const told: string[][] = [];
  const report = new FaultReport((faults: readonly DeviceFault[]) => {
    told.push(faults.map(({ code, subject = '' }) => `${code} ${subject}`.trim()));
  });
  return { told, report };
}

test('that nothing is wrong is told once, because an earlier run may have said otherwise', () => {
  const { report, told } = record();
  report.flush(0);
  report.flush(1);
  expect(told).toEqual([[]]);
});

test('a value that is bad for a moment is no fault; one that stays bad is, until it is good', () => {
  const { report, told } = record();
  report.bad('speed', 'BadSensorFailure', 'nsu=urn:x;i=1', 0);
  report.flush(9_999);
  report.flush(10_000);
  report.good('speed');
  report.flush(10_001);
  expect(told).toEqual([[], ['tag-bad speed'], []]);
});

test('a node that is gone is a fault at once, beside the others', () => {
  const { report, told } = record();
  report.bad('speed', 'BadNodeIdUnknown', 'nsu=urn:x;i=1', 0);
  report.refused('absent', 'no such namespace', 'nsu=urn:y;i=1');
  report.link({ code: 'unreachable', text: 'x' });
  report.flush(0);
  expect(told).toEqual([['unreachable', 'tag-bad speed', 'tag-refused absent']]);
});

test('a hundred faults are told as twenty', () => {
  const { report, told } = record();
  for (let index = 0; index < 100; index += 1) report.refused(`tag-${index}`, 'why', 'node');
  report.flush(0);
  expect(told[0]).toHaveLength(20);
  expect(told[0]?.at(-1)).toBe('more-faults');
});
