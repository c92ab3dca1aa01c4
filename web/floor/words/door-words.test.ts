import { describe, expect, test } from 'vitest';
import type { FloorDoor } from '#contracts/api/floor-doors-api.ts';
import { fixtureDoors } from '../../testing/floor-fixture-doors.ts';
import { lastSaid, passageName, sortedDoors, sourcesSaid } from './door-words.ts';

const [inferred, agreed] = fixtureDoors(0);
const lastOf = (door: FloorDoor | undefined) => {
  if (door?.last === undefined || door.last === null) throw new Error('no passage');
  return door.last;
};

describe('what the sources at a door said', () => {
  test('all agree: how many, who, and how sure', () => {
    const said = lastSaid({ last: lastOf(agreed), task: null });
    expect(said).toMatchObject({ tone: 'ok', tag: '24 of 24' });
    expect(said?.text).toBe('Conveyor, document and RFID agree.');
    expect(said?.detail).toContain('99.9 % sure');
  });

  test('unread tags that the others make up for are inferred, and need nobody', () => {
    const said = lastSaid({ last: lastOf(inferred), task: null });
    expect(said).toMatchObject({ tone: 'info', tag: '45 of 48' });
    expect(said?.text).toBe('3 tags not read, inferred: conveyor and document agree.');
  });

  test('with a task somebody must look', () => {
    const said = lastSaid({ last: lastOf(inferred), task: 't1-0' });
    expect(said).toMatchObject({ tone: 'warn' });
    expect(said?.text).toContain('Somebody must look');
  });

  test('what is on no document is said before anything else', () => {
    const last = { ...lastOf(agreed), agreed: ['rfid' as const], besides: 1 };
    expect(lastSaid({ last, task: 't1-0' })).toMatchObject({
      tone: 'warn',
      tag: '1 on no document',
      text: 'Of 24 tags read, 1 on no document. Somebody must look.',
    });
    expect(lastSaid({ last, task: null })?.tone).toBe('info');
  });

  test('nothing was compared yet: nothing is said', () => {
    expect(lastSaid({ last: null, task: null })).toBeUndefined();
  });

  test('each source by the name that people use', () => {
    expect(sourcesSaid([{ source: 'rfid', units: 1204 }])).toBe('RFID 1\u202f204');
    expect(passageName('in', ['A', 'B', 'C'])).toBe('inbound · A · B');
    expect(passageName(null)).toBe('passing');
  });
});

test('doors where something passes come first, silent ones are not shown', () => {
  const silent = { portal: 'door-9', zone: 'x', passing: [], last: null, task: null };
  const sorted = sortedDoors([...fixtureDoors(0), silent]);
  expect(sorted.map(({ portal }) => portal)).toEqual(['door-3', 'door-2']);
});
