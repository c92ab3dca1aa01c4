import { describe, expect, test } from 'vitest';
import { httpScanner } from '../../devices/scanner/profile.ts';
import { httpDevice } from '../intake/http-intake.ts';
import { createTestLog, FakeClock } from '../testing/test-parts.ts';
import { ScanDoor } from './scan-door.ts';

const gun = httpDevice('gun-1', httpScanner, 'right');

function openDoor() {
  const clock = new FakeClock();
  const { log, said } = createTestLog();
  const deviceOf = (header?: string) => (header === 'right' ? gun : undefined);
  const door = new ScanDoor({ intake: { deviceOf }, clock, log });
  const fail = (times: number, address = '192.0.2.1') => {
    for (let n = 0; n < times; n += 1) door.signIn(address, 'wrong');
  };
  return { clock, door, fail, said: () => said.map(({ msg }) => msg) };
}

describe('wrong tokens', () => {
  test('are refused ten times, then have to wait, and are said eleven times at most', () => {
    const { door, clock, fail, said } = openDoor();
    fail(10);
    expect(door.signIn('192.0.2.1', 'wrong')).toEqual({ type: 'wait', seconds: 1 });
    clock.advance(1000);
    expect(door.signIn('192.0.2.1', 'wrong')).toEqual({ type: 'refused' });
    expect(door.signIn('192.0.2.1', 'right')).toEqual({ type: 'wait', seconds: 2 });
    for (let n = 0; n < 100; n += 1) {
      clock.advance(30_000);
      fail(5);
    }
    expect(said()).toEqual([
      ...Array.from({ length: 9 }, () => 'scan.sign-in-refused'),
      'scan.sign-ins-limited',
    ]);
  });

  test('lock nobody out from elsewhere, nor a device that was let in from there before', () => {
    const { door, fail } = openDoor();
    door.signIn('192.0.2.1', 'right');
    fail(20);
    expect(door.signIn('192.0.2.1', 'right')).toEqual({ type: 'device', device: gun });
    expect(door.signIn('192.0.2.2', 'right')).toEqual({ type: 'device', device: gun });
    expect(door.signIn('192.0.2.1', 'right')).toMatchObject({ type: 'wait' });
  });
});

test('requests that do not fit are said with back-off, for each device', () => {
  const { door, said } = openDoor();
  for (let n = 0; n < 50; n += 1) door.refused('gun-1', 'BODY_TOO_LARGE');
  door.refused('gun-2', 'BODY_TOO_LARGE');
  expect(said()).toHaveLength(11);
  expect(said().slice(-2)).toEqual(['scan.refusals-limited', 'scan.refused']);
});
