import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { floorPath, floorScreens, floorUrl, readFloorView } from './floor-paths.ts';

const paramsOf = (path: string) => new URL(path, 'http://gateway').searchParams;

describe('the URLs of the floor page', () => {
  test('carry a view and give it back, whatever a code contains', () => {
    const text = fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' });
    const view = fc.record(
      { screen: fc.constantFrom(...floorScreens), code: text, zone: text, task: text },
      { requiredKeys: ['screen'] },
    );
    fc.assert(
      fc.property(view, (given) => {
        expect(readFloorView(paramsOf(floorPath(given)))).toEqual(given);
      }),
    );
  });

  test('show home for what is no screen', () => {
    expect(readFloorView(paramsOf('/floor/?screen=nowhere'))).toEqual({ screen: 'home' });
    expect(floorPath({ screen: 'home' })).toBe('/floor/');
  });

  test('keep the group separator of a scanned code on its way to the gateway', () => {
    const url = floorUrl('/floor/api/find', { text: ']C110L1\u001d371', limit: undefined });
    expect(paramsOf(url).get('text')).toBe(']C110L1\u001d371');
    expect([...paramsOf(url).keys()]).toEqual(['text']);
  });
});
