import { describe, expect, test } from 'vitest';
import type { Canonical } from '#contracts/canonical.ts';
import type { Decoded } from '../profile.ts';
import { encodeOpcUaSample } from './opcua-sample.ts';
import type { OpcUaSample } from './opcua-sample.ts';
import { packMl, plcCounter } from './profile.ts';

function decode(of: Partial<OpcUaSample> & { value: Canonical }, channel = 'made'): Decoded {
  const payload = encodeOpcUaSample({ status: 0, sourceMs: 5, ...of });
  return packMl.decode(null, { channel, payload, receivedAtMs: 0 }).decoded;
}

const count = (AccCount: number, Count = 1): Canonical => ({ ID: 0, Name: 'box', AccCount, Count });

describe('counts that stand in lists and structures', () => {
  test('each element of a PackML count array is a counter, by what it ever counted', () => {
    expect(decode({ role: 'counter', value: [count(40), count(2)] })).toEqual({
      ok: true,
      readings: [
        { type: 'counter', counter: 'made-0', value: 40, claimedMs: 5 },
        { type: 'counter', counter: 'made-1', value: 2, claimedMs: 5 },
      ],
    });
  });

  test('the configured element counts under the name of the tag', () => {
    const value = [count(40), count(2, 9)];
    expect(decode({ role: 'counter', element: 1, member: 'Count', value })).toMatchObject({
      readings: [{ counter: 'made', value: 9 }],
    });
    expect(decode({ role: 'counter', element: 2, value })).toMatchObject({ reason: 'wrong-type' });
  });

  test('registers in a plain array count as well', () => {
    expect(decode({ role: 'counter', value: [7, '8'] })).toMatchObject({
      readings: [
        { counter: 'made-0', value: 7 },
        { counter: 'made-1', value: 8 },
      ],
    });
    expect(decode({ role: 'counter', value: [] })).toEqual({ ok: true, readings: [] });
  });

  test('a structure that counts nothing is refused by what it lacks', () => {
    const decoded = decode({ role: 'counter', value: { ID: 1 } });
    expect(decoded).toMatchObject({
      ok: false,
      detail: expect.stringContaining('AccCount') as unknown,
    });
  });

  test('a name that no counter may have is refused, not cut', () => {
    const tag = 'a'.repeat(39);
    expect(decode({ role: 'counter', value: [1] }, tag)).toMatchObject({ reason: 'wrong-type' });
  });
});

describe('alarms of tags', () => {
  test('a bit is one alarm under the name of the tag', () => {
    const alarm = { type: 'machine-alarm', alarm: 'made', channel: 'made', claimedMs: 5 };
    expect(decode({ role: 'alarm', value: true })).toMatchObject({
      readings: [{ ...alarm, active: true, acked: false }],
    });
    expect(decode({ role: 'alarm', value: 0 })).toMatchObject({
      readings: [{ ...alarm, active: false }],
    });
  });

  test('a PackML alarm list says which stand, and that no others do', () => {
    const alarm = { Message: 'motor hot', Trigger: true, AckDateTime: '1601-01-01T00:00:00.000Z' };
    const value = [
      { ID: 4, ...alarm },
      { ID: 5, ...alarm, Trigger: false },
      { ID: 6, ...alarm, AckDateTime: '2026-01-01T00:00:00.000Z' },
    ];
    expect(decode({ role: 'alarm', value })).toMatchObject({
      readings: [
        { alarm: 'made/4', message: 'motor hot', active: true, acked: false },
        { alarm: 'made/6', acked: true },
        { type: 'alarms-standing', alarms: ['made/4', 'made/6'], unseen: false },
      ],
    });
  });

  test.each([['text'], [[{ Message: 'no ID' }]], ['NaN']])('%j is no alarm', (value) => {
    expect(decode({ role: 'alarm', value })).toMatchObject({ ok: false });
  });
});

describe('conditions', () => {
  const jam = 'nsu=urn:plant;s=Jam';
  const event = (fields: Record<string, Canonical>): Uint8Array =>
    new TextEncoder().encode(JSON.stringify({ event: fields }));
  const step = (state: Canonical, fields: Record<string, Canonical>) =>
    plcCounter.decode(state, { channel: 'alarms', payload: event(fields), receivedAtMs: 0 });
  const condition = (fields: Record<string, Canonical>) => ({
    type: 'nsu=http://opcfoundation.org/UA/;i=2915',
    condition: jam,
    name: 'Jam',
    severity: 700,
    retain: true,
    ...fields,
  });
  const refresh = (id: number) => ({ type: `nsu=http://opcfoundation.org/UA/;i=${id}` });

  test('an alarm says whether it is active and acknowledged', () => {
    const { decoded } = step(null, condition({ active: true, acked: false, message: 'belt' }));
    expect(decoded).toMatchObject({
      readings: [{ alarm: jam, active: true, acked: false, severity: 700, message: 'belt' }],
    });
  });

  test.each([
    [{ retain: true }, true],
    [{ retain: false }, false],
    [{ active: true, enabled: false }, false],
    [{ active: false, retain: true }, false],
  ])('%j is active: %s', (fields, active) => {
    expect(step(null, condition(fields)).decoded).toMatchObject({ readings: [{ active }] });
  });

  test('an earlier state that waits for somebody says nothing about now', () => {
    const { decoded } = step(null, condition({ active: true, branch: 'nsu=urn:plant;i=9' }));
    expect(decoded).toEqual({ ok: true, readings: [] });
  });

  test('after a refresh only what it told stands, and the state of the decoder is gone', () => {
    const started = step(null, refresh(2787));
    expect(started.decoded).toEqual({ ok: true, readings: [] });
    const told = step(started.state, condition({ active: true }));
    const other = step(told.state, condition({ condition: 'nsu=urn:plant;s=Heat', active: true }));
    const ended = step(other.state, condition({ active: false }));
    const over = step(ended.state, refresh(2788));
    expect(over).toEqual({
      state: null,
      decoded: {
        ok: true,
        readings: [
          {
            type: 'alarms-standing',
            channel: 'alarms',
            alarms: ['nsu=urn:plant;s=Heat'],
            unseen: true,
          },
        ],
      },
    });
  });

  test('the end of a refresh whose beginning nobody saw says nothing', () => {
    expect(step(null, refresh(2788))).toEqual({
      state: null,
      decoded: { ok: true, readings: [] },
    });
  });

  test('a condition without a NodeId is refused', () => {
    expect(step(null, { type: 'x', retain: true }).decoded).toMatchObject({ ok: false });
  });
});
