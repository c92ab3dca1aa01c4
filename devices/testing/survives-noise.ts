import fc from 'fast-check';
import { expect } from 'vitest';
import { encodeCanonical } from '#contracts/canonical.ts';
import type { DeviceProfile } from '../profile.ts';

/**
 * Gives a profile noise and damaged copies of a payload, one after the other: it must not throw, and
 * its states and readings must have a canonical form.
 */
export function expectSurvivesNoise(
  profile: Pick<DeviceProfile, 'decode' | 'initialState'>,
  payload: Uint8Array,
  of: { readonly channel: string; readonly receivedAtMs: number },
): void {
  const whole = [...payload];
  expect(whole.length).toBeGreaterThan(0);
  const damaged = fc
    .tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }))
    .map(([at, byte]) => Uint8Array.from(whole.with(at, byte)));
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.uint8Array(), damaged), { maxLength: 5 }), (payloads) => {
      let state = profile.initialState;
      for (const one of payloads) {
        const step = profile.decode(state, { ...of, payload: one });
        state = step.state;
        encodeCanonical(state);
        const readings = step.decoded.ok ? step.decoded.readings : [];
        for (const reading of readings) encodeCanonical({ ...reading });
      }
    }),
    { numRuns: 500 },
  );
}
