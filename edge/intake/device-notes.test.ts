import { describe, expect, test } from 'vitest';
import { deviceFaultRaised } from '#contracts/kinds/device-kinds.ts';
import { validate } from '#contracts/validate.ts';
import { FakeClock } from '../testing/test-parts.ts';
import { DeviceNotes, noteCodes } from './device-notes.ts';
import type { IntakeBody } from './intake-entry.ts';

function notes() {
  const told: IntakeBody[] = [];
  const intake = { append: (body: IntakeBody) => told.push(body) > 0 };
  return { told, notes: new DeviceNotes({ intake, clock: new FakeClock() }) };
}

const codes = (body: IntakeBody | undefined): string[] =>
  body?.type === 'device-faults' ? body.faults.map(({ code }) => code) : [];

describe('what the broker says of a device', () => {
  test('is told whole when it changes, and only then', () => {
    const { notes: of, told } = notes();
    of.set('dock', 'throttled', { text: 'too much' });
    of.set('dock', 'throttled', { text: 'too much' });
    of.set('dock', 'sign-in-refused', { text: 'wrong password' });
    of.set('gate', 'throttled', undefined);
    expect(told.map(codes)).toEqual([['throttled'], ['throttled', 'sign-in-refused']]);
    of.replace('dock', ['throttled', 'sign-in-refused'], []);
    expect(codes(told.at(-1))).toEqual([]);
    expect(told).toHaveLength(3);
  });

  test('before a restart can end after it; how fast a device sends is not known any more', () => {
    const { notes: of, told } = notes();
    of.restore('dock', [
      { code: 'client-certificate-expired', text: 'expired' },
      { code: 'throttled', text: 'too much' },
      { code: 'tag-refused', text: 'of a driver' },
    ]);
    expect(told.map(codes)).toEqual([['client-certificate-expired']]);
    of.set('dock', 'client-certificate-expired', undefined);
    expect(told.map(codes).at(-1)).toEqual([]);
  });
});

test('every code is one that the event of a device fault can carry', () => {
  for (const code of noteCodes) {
    expect(validate(deviceFaultRaised, { code, text: 'said' }), code).toMatchObject({ ok: true });
  }
});
