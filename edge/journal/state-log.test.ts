import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StateRow } from '../observe/state-row.ts';
import { tempDir } from '../testing/test-parts.ts';
import { journalMigrations } from './journal-schema.ts';
import { openDatabase } from './open-database.ts';
import { StateLog } from './state-log.ts';

const row: fc.Arbitrary<StateRow> = fc.record({
  machine: fc.constantFrom('tag', 'link'),
  key: fc.constantFrom('a', 'b', 'line\nfeed', '"quoted"', 'ü', ''),
  value: fc.option(fc.constantFrom('1', '[2,"x"]', '"line\\nfeed"')),
});
/** One commit, which fails or succeeds. */
const commit = fc.record({ rows: fc.array(row, { maxLength: 6 }), fails: fc.boolean() });

function openLog(path: string, slackRows?: number) {
  const db = openDatabase(path, journalMigrations);
  db.pragma('synchronous = OFF'); // what is written matters here, not when
  const log = new StateLog(db, slackRows);
  return { db, log, rows: log.load() };
}

function textsOf(rows: readonly StateRow[]): string[] {
  return rows.map((one) => JSON.stringify([one.machine, one.key, one.value])).sort();
}

function expectedOf(states: ReadonlyMap<string, StateRow>): string[] {
  return textsOf([...states.values()].filter(({ value }) => value !== null));
}

test('states read back as they were last committed, however much was cleared', () => {
  let run = 0;
  const dir = tempDir();
  fc.assert(
    fc.property(fc.array(fc.array(commit, { maxLength: 25 }), { maxLength: 3 }), (lives) => {
      const path = join(dir, `states-${(run += 1)}.db`);
      const states = new Map<string, StateRow>();
      for (const commits of lives) {
        const { db, log, rows } = openLog(path, 4);
        expect(textsOf(rows)).toEqual(expectedOf(states));
        for (const { rows, fails } of commits) {
          if (fails) {
            db.exec('BEGIN');
            log.append(rows);
            db.exec('ROLLBACK');
            continue;
          }
          log.append(rows)();
          for (const one of rows) states.set(`${one.machine} ${one.key}`, one);
        }
        db.close();
      }
      const { db, rows } = openLog(path, 4);
      expect(textsOf(rows)).toEqual(expectedOf(states));
      db.close();
    }),
    { numRuns: 30 },
  );
});

test('the log stays within twice its current states and the slack', () => {
  const { db, log } = openLog(join(tempDir(), 'states.db'), 100);
  const stored = db.prepare<[], { n: number }>('SELECT sum(rows) AS n FROM state');
  for (let n = 0; n < 2000; n += 1) {
    const rows = [n % 50, (n * 7) % 50].map((key) => ({
      machine: 'tag',
      key: `${key}`,
      value: `${n}`,
    }));
    log.append(rows)();
    expect(stored.get()?.n).toBeLessThanOrEqual(2 * 50 + 100 + 2);
  }
  db.close();
});
