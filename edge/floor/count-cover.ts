import type { OpenTask } from '../stock/stock-view.ts';
import type { KeptSessions } from './session-file.ts';

const coveredForMs = 30 * 60_000;
const mostCovers = 2_000;
/** Stands for no time: a task says when it ends. */
const untilClosed = 0;

/** What a count left open, until somebody else closes it. */
const countTasks: readonly string[] = ['recount', 'approve-variance'];

/**
 * What makes a count blind: who is to count a zone is shown no quantity of it, from taking the count
 * sheet until the count, and on until what the count left open is closed; and while a count waits
 * for its recount nobody is.
 */
export class CountCover {
  readonly #tasks: () => readonly OpenTask[];
  /** `person \n zone` → until when; the oldest first. */
  readonly #until = new Map<string, number>();
  /** Told when there is something to keep. */
  changed: () => void = () => {};

  constructor(tasks: () => readonly OpenTask[]) {
    this.#tasks = tasks;
  }

  begin(person: string, zone: string, nowMs: number): void {
    const key = `${person}\n${zone}`;
    this.#until.delete(key);
    this.#until.set(key, nowMs + coveredForMs);
    this.changed();
    for (const [oldest, untilMs] of this.#until) {
      if (this.#until.size <= mostCovers && (untilMs > nowMs || untilMs === untilClosed)) break;
      this.#until.delete(oldest);
    }
  }

  end(person: string, zone: string): void {
    if (this.#until.delete(`${person}\n${zone}`)) this.changed();
  }

  /** The person counted, and others must look: covered for as long as a task of that is open. */
  hold(person: string, zone: string): void {
    this.#until.set(`${person}\n${zone}`, untilClosed);
    this.changed();
  }

  /** For a file: a restart must not show what a count has begun to hide. */
  toKeep(): KeptSessions['covers'] {
    return [...this.#until].map(([key, untilMs]) => {
      const [person = '', zone = ''] = key.split('\n');
      return { person, zone, untilMs };
    });
  }

  resume(kept: KeptSessions['covers']): void {
    for (const { person, zone, untilMs } of kept) this.#until.set(`${person}\n${zone}`, untilMs);
  }

  /** Says of a zone whether its quantities are covered for a person now. */
  coverOf(person: string, nowMs: number): (zone: string) => boolean {
    const open = this.#tasks().filter(({ act, task }) => {
      return act !== undefined && countTasks.includes(task);
    });
    const zones = new Set(open.map(({ zone }) => zone));
    const recounted = new Set(open.flatMap(({ task, zone }) => (task === 'recount' ? [zone] : [])));
    return (zone) => {
      const untilMs = this.#until.get(`${person}\n${zone}`);
      if (recounted.has(zone) || (untilMs ?? 0) > nowMs) return true;
      return untilMs !== undefined && zones.has(zone);
    };
  }
}
