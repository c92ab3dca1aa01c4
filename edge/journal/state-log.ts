import type { StateRow } from '../observe/state-row.ts';
import type { Sqlite } from './open-database.ts';

/**
 * Observer states as a log: every commit appends what changed as one row of the database, which
 * costs a tenth of updating a row per state. The newest mention of a state counts. What is outdated
 * is cleared from the oldest end, a little with every commit: states that are still current move to
 * the new end (log-structured cleaning, Rosenblum and Ousterhout 1992).
 *
 * A segment's text has three lines per state: machine, key as JSON, value, which is empty where the
 * state is gone.
 */
export class StateLog {
  readonly #statements: ReturnType<typeof prepare>;
  readonly #slackRows: number;
  /** The segment with the newest mention of each state, by machine and key. */
  readonly #newest = new Map<string, Map<string, Segment>>();
  /** What is stored, oldest first. */
  readonly #segments = new Map<number, Segment>();
  #currentRows = 0;
  #storedRows = 0;
  #lastId = 0;

  /** @param slackRows outdated rows that are left alone, so that a small log is hardly cleared. */
  constructor(db: Sqlite, slackRows = 20_000) {
    this.#statements = prepare(db);
    this.#slackRows = slackRows;
  }

  /** All states that are there, once, at the start. */
  load(): StateRow[] {
    return this.#read((id, rows) => {
      const segment = this.#open(id, rows.length);
      for (const row of rows) this.#note(row, segment);
    });
  }

  /** All states as they are stored now. */
  current(): StateRow[] {
    return this.#read(() => {});
  }

  /**
   * Writes changed states, within a transaction of the caller.
   *
   * @returns what makes the log follow, to be called once the transaction is committed.
   */
  append(rows: readonly StateRow[]): () => void {
    const plan = this.#planCleaning(rows);
    const id = this.#lastId + 1;
    const written = plan.moved.length === 0 ? rows : [...plan.moved, ...rows];
    if (written.length === 0) return () => {};
    this.#statements.insert.run(id, written.length, textOf(written));
    const lastCleared = plan.cleared.at(-1);
    if (lastCleared !== undefined) this.#statements.drop.run(lastCleared.id);
    return () => {
      for (const gone of plan.gone) this.#forget(gone);
      const segment = this.#open(id, written.length);
      for (const row of written) this.#note(row, segment);
      for (const { id: clearedId, rows: count } of plan.cleared) {
        this.#segments.delete(clearedId);
        this.#storedRows -= count;
      }
    };
  }

  /** Which of the oldest segments to clear now, and what of them is still current. */
  #planCleaning(rows: readonly StateRow[]): CleaningPlan {
    const moved: StateRow[] = [];
    const gone: StateRow[] = [];
    const cleared: Segment[] = [];
    const allowed = 2 * this.#currentRows + this.#slackRows;
    const excess = this.#storedRows - allowed;
    const most = this.#slackRows / 4 + 4 * rows.length;
    let clearedRows = 0;
    for (const segment of this.#segments.values()) {
      if (clearedRows >= excess || clearedRows >= most) break;
      cleared.push(segment);
      clearedRows += segment.rows;
      if (segment.current === 0) continue;
      for (const row of lastMentions(this.#statements.one.get(segment.id)?.text ?? '')) {
        if (this.#newest.get(row.machine)?.get(row.key) !== segment) continue;
        if (row.value === null) gone.push(row);
        else moved.push(row);
      }
    }
    return { moved, gone, cleared };
  }

  #read(take: (id: number, rows: readonly StateRow[]) => void): StateRow[] {
    const current = new Map<string, Map<string, string>>();
    for (const { id, text } of this.#statements.all.iterate()) {
      const rows = rowsOf(text);
      take(id, rows);
      for (const { machine, key, value } of rows) {
        const states = ofMachine(current, machine);
        if (value === null) states.delete(key);
        else states.set(key, value);
      }
    }
    return [...current].flatMap(([machine, states]) =>
      [...states].map(([key, value]) => ({ machine, key, value })),
    );
  }

  #open(id: number, rows: number): Segment {
    const segment = { id, rows, current: 0 };
    this.#segments.set(id, segment);
    this.#lastId = id;
    this.#storedRows += rows;
    return segment;
  }

  #note({ machine, key }: StateRow, segment: Segment): void {
    segment.current += 1;
    const states = ofMachine(this.#newest, machine);
    const last = states.get(key);
    if (last === undefined) this.#currentRows += 1;
    else last.current -= 1;
    states.set(key, segment);
  }

  #forget({ machine, key }: StateRow): void {
    if (this.#newest.get(machine)?.delete(key)) this.#currentRows -= 1;
  }
}

interface Segment {
  readonly id: number;
  readonly rows: number;
  /** How many states have their newest mention here: without any, nobody needs to read it again. */
  current: number;
}

interface CleaningPlan {
  /** Current states of the cleared segments. */
  readonly moved: readonly StateRow[];
  /** States that ended there: with all older mentions cleared, nothing needs to say so. */
  readonly gone: readonly StateRow[];
  readonly cleared: readonly Segment[];
}

interface SegmentRow {
  readonly id: number;
  readonly rows: number;
  readonly text: string;
}

function prepare(db: Sqlite) {
  return {
    all: db.prepare<[], SegmentRow>('SELECT id, rows, text FROM state ORDER BY id'),
    one: db.prepare<[number], Pick<SegmentRow, 'text'>>('SELECT text FROM state WHERE id = ?'),
    insert: db.prepare('INSERT INTO state VALUES (?, ?, ?)'),
    drop: db.prepare('DELETE FROM state WHERE id <= ?'),
  };
}

function textOf(rows: readonly StateRow[]): string {
  let text = '';
  for (const { machine, key, value } of rows) {
    text += `${machine}\n${JSON.stringify(key)}\n${value ?? ''}\n`;
  }
  return text;
}

function rowsOf(text: string): StateRow[] {
  const lines = text.split('\n');
  const rows: StateRow[] = [];
  for (let line = 0; line + 2 < lines.length; line += 3) {
    const [machine = '', key = '""', value = ''] = lines.slice(line, line + 3);
    rows.push({ machine, key: JSON.parse(key) as string, value: value === '' ? null : value });
  }
  return rows;
}

/** A segment mentions a state twice where it was moved there and changed in the same commit. */
function lastMentions(text: string): Iterable<StateRow> {
  const last = new Map<string, StateRow>();
  for (const row of rowsOf(text)) last.set(`${row.machine}\n${row.key}`, row);
  return last.values();
}

function ofMachine<V>(maps: Map<string, Map<string, V>>, machine: string): Map<string, V> {
  let map = maps.get(machine);
  if (map === undefined) {
    map = new Map();
    maps.set(machine, map);
  }
  return map;
}
