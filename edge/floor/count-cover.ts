import type { OpenTask } from '../stock/stock-view.ts';

const coveredForMs = 30 * 60_000;
const mostCovers = 2_000;

/**
 * What makes a count blind: who is to count a zone is shown no quantity of it, from taking the count
 * sheet until the count; and while a recount is open nobody is.
 */
export class CountCover {
  readonly #tasks: () => readonly OpenTask[];
  /** `person \n zone` → until when; the oldest first. */
  readonly #until = new Map<string, number>();

  constructor(tasks: () => readonly OpenTask[]) {
    this.#tasks = tasks;
  }

  begin(person: string, zone: string, nowMs: number): void {
    const key = `${person}\n${zone}`;
    this.#until.delete(key);
    this.#until.set(key, nowMs + coveredForMs);
    for (const [oldest, untilMs] of this.#until) {
      if (this.#until.size <= mostCovers && untilMs > nowMs) break;
      this.#until.delete(oldest);
    }
  }

  end(person: string, zone: string): void {
    this.#until.delete(`${person}\n${zone}`);
  }

  /** Says of a zone whether its quantities are covered for a person now. */
  coverOf(person: string, nowMs: number): (zone: string) => boolean {
    const recounted = new Set(
      this.#tasks().flatMap(({ task, zone }) => (task === 'recount' ? [zone] : [])),
    );
    return (zone) => recounted.has(zone) || (this.#until.get(`${person}\n${zone}`) ?? 0) > nowMs;
  }
}
