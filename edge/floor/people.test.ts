import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTestLog, FakeClock, tempDir } from '../testing/test-parts.ts';
import { People } from './people.ts';
import { writePeople } from './people-file.ts';
import { person } from './testing/floor-site.ts';

const dayMs = 24 * 3_600_000;

test('times without rights are told for as long as a gateway has them reviewed, each once', () => {
  const file = join(tempDir(), 'people.json');
  const clock = new FakeClock();
  const told: (readonly [string, number, number | undefined])[] = [];
  const people = new People({
    file: () => file,
    site: 'leeds',
    clock,
    log: createTestLog().log,
    revoked: (...of) => told.push(of),
  });
  const nowMs = clock.nowMs();
  const ended = (days: number) => {
    return { fromMs: nowMs - (days + 1) * dayMs, toMs: nowMs - days * dayMs };
  };
  const [late, known, forgotten] = [ended(2), ended(399), ended(401)];
  const mia = person('mia', { revokedAtMs: nowMs - 5, revokedBefore: [forgotten, known, late] });
  writePeople(file, { v: 1, site: 'leeds', version: 1, people: [mia] });
  people.look();
  people.look();
  expect(told).toEqual([
    ['p-mia', late.fromMs, late.toMs],
    ['p-mia', known.fromMs, known.toMs],
    ['p-mia', nowMs - 5, undefined],
  ]);
});
