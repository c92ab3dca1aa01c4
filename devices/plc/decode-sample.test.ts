import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Decoded } from '../profile.ts';
import { encodeOpcUaSample, hasOverflow, isGoodStatus, readOpcUaSample } from './opcua-sample.ts';
import type { OpcUaSample } from './opcua-sample.ts';
import { packMlStates } from './packml-states.ts';
import { packMl, plcCounter } from './profile.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (payload: Uint8Array, profile = packMl): Decoded =>
  profile.decode(null, { channel: 'line-1', payload, receivedAtMs: 0 }).decoded;
const sample = (part: Partial<OpcUaSample>, profile = packMl): Decoded =>
  decode(encodeOpcUaSample({ status: 0, value: 0, ...part }), profile);

describe('counters', () => {
  test.each([
    [42, 42],
    ['42', 42],
    [-3, -3],
    [0, 0],
  ])('%j counts %j', (value, count) => {
    expect(sample({ role: 'counter', value, sourceMs: 5 })).toEqual({
      ok: true,
      readings: [{ type: 'counter', counter: 'line-1', value: count, claimedMs: 5 }],
    });
  });

  test.each([
    ['NaN', 'not-a-number'],
    ['Infinity', 'not-a-number'],
    ['12.5', 'wrong-type'],
    ['18446744073709551615', 'wrong-type'],
    ['<1001 elements>', 'wrong-type'],
    [true, 'wrong-type'],
    [null, 'wrong-type'],
  ])('%j is refused as %s', (value, reason) => {
    expect(sample({ role: 'counter', value })).toMatchObject({ ok: false, reason });
  });

  test('a sample without a role is told by its value', () => {
    expect(sample({ value: 7 })).toMatchObject({ readings: [{ type: 'counter', value: 7 }] });
    expect(sample({ value: 'Idle' })).toMatchObject({ readings: [{ type: 'machine-state' }] });
    expect(sample({ value: 'NaN' })).toMatchObject({ reason: 'not-a-number' });
  });
});

describe('states', () => {
  test.each([
    [6, 6, 'Execute'],
    ['6', 6, 'Execute'],
    ['EXECUTE', 6, 'Execute'],
    ['nsu=http://opcfoundation.org/UA/PackML/;i=36', 6, 'Execute'],
    ['nsu=http://opcfoundation.org/UA/PackML/;i=71', 19, 'Cleared'],
    [18, 18, 'Running'],
  ])('PackML %j is state %i', (value, stateNumber, state) => {
    expect(sample({ role: 'state', value })).toEqual({
      ok: true,
      readings: [{ type: 'machine-state', machine: 'line-1', stateNumber, state }],
    });
  });

  test('all nineteen states have a number and a name', () => {
    expect(packMlStates).toHaveLength(19);
    expect(new Set(packMlStates.map(({ state }) => state)).size).toBe(19);
  });

  test.each([0, 20, 'Dancing', 'ns=4;i=36', true])('PackML %j is unknown', (value) => {
    const reason = value === true ? undefined : 'unknown-message';
    const decoded = sample({ role: 'state', value });
    expect(decoded.ok ? undefined : decoded.reason).toBe(reason);
  });

  test('no state gives no reading, and is no fault of the message', () => {
    for (const profile of [packMl, plcCounter]) {
      expect(sample({ role: 'state', value: null }, profile)).toEqual({ ok: true, readings: [] });
    }
  });

  test('a plain PLC has states by number', () => {
    expect(sample({ role: 'state', value: 0 }, plcCounter)).toMatchObject({
      readings: [{ stateNumber: 0, state: 'State 0' }],
    });
    expect(sample({ role: 'state', value: true }, plcCounter)).toMatchObject({
      readings: [{ stateNumber: 1 }],
    });
    expect(sample({ role: 'state', value: 'Idle' }, plcCounter)).toMatchObject({
      reason: 'unknown-message',
    });
  });
});

describe('status', () => {
  test.each([
    ['bad', 0x80340000],
    ['uncertain: a server may show its initial zero so', 0x40920000],
  ])('%s gives no reading, and is no fault of the message', (_name, status) => {
    expect(sample({ role: 'counter', value: 0, status })).toEqual({ ok: true, readings: [] });
    expect(sample({ role: 'counter', value: null, status })).toEqual({ ok: true, readings: [] });
  });

  test('the overflow bit leaves a value good', () => {
    expect(hasOverflow(0x480)).toBe(true);
    expect(hasOverflow(0x400)).toBe(false);
    expect(hasOverflow(0x80)).toBe(false);
    expect(isGoodStatus(0x480)).toBe(true);
    expect(sample({ value: 3, status: 0x480 })).toMatchObject({ readings: [{ value: 3 }] });
  });
});

describe('the sample itself', () => {
  test('comes back as it was written', () => {
    const samples = fc.record(
      {
        role: fc.constantFrom('counter' as const, 'state' as const),
        sourceMs: fc.maxSafeInteger(),
        status: fc.integer({ min: 0, max: 0xffffffff }),
        value: fc.oneof(fc.maxSafeInteger(), fc.boolean(), fc.string(), fc.constant(null)),
      },
      { requiredKeys: ['status', 'value'] },
    );
    fc.assert(
      fc.property(samples, (written) => {
        const value =
          typeof written.value === 'string' ? written.value.toWellFormed() : written.value;
        const read = readOpcUaSample(encodeOpcUaSample({ ...written, value }));
        expect(read).toEqual({ ok: true, sample: { ...written, value } });
      }),
    );
  });

  test.each([
    ['', 'malformed'],
    ['{"status":0', 'malformed'],
    ['5', 'wrong-type'],
    ['{"value":5}', 'wrong-type'],
    ['{"status":"Good","value":5}', 'wrong-type'],
    ['{"status":4294967296,"value":5}', 'wrong-type'],
    ['{"role":"door","status":0,"value":5}', 'wrong-type'],
    ['{"status":0,"value":{}}', 'wrong-type'],
    ['{"status":0,"value":1}{"status":0,"value":2}', 'wrong-type'],
    ['{"status":0,"value":NaN}', 'not-a-number'],
    ['{"status":0,"value":1e400}', 'not-a-number'],
  ])('%s is refused as %s', (text, reason) => {
    expect(decode(bytes(text))).toMatchObject({ ok: false, reason });
  });

  test('no bytes make it throw', () => {
    const noise = fc.oneof(fc.uint8Array(), fc.json().map(bytes));
    fc.assert(
      fc.property(noise, fc.constantFrom(packMl, plcCounter), (payload, profile) => {
        expect(decode(payload, profile)).toHaveProperty('ok');
      }),
      { numRuns: 1000 },
    );
  });
});
