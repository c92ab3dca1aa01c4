import {
  floorPaths,
  type FloorActAnswer,
  type FloorActBody,
  type FloorLeftActAnswer,
  type FloorSession,
} from '#contracts/api/floor-api.ts';
import type { ConsoleClock } from '../../console-clock.ts';
import type { ApiClient } from '../../data/api-client.ts';
import type { ApiProblem } from '../../data/api-problem.ts';
import { Listeners } from '../../listeners.ts';
import type { KeptAct, KeptActs } from './kept-acts.ts';

/** Acts of one person that wait for them. */
export interface WaitingFor {
  readonly person: string;
  readonly name: string;
  readonly count: number;
  /** When the first of them was made. */
  readonly sinceMs: number;
}

/** What became of an act, as far as this device knows. */
export type ActResult =
  | { readonly type: 'applied'; readonly act: KeptAct; readonly answer: FloorActAnswer }
  | { readonly type: 'refused'; readonly act: KeptAct; readonly answer: FloorActAnswer }
  /** The gateway would not even look at it; sending it again would not help. */
  | { readonly type: 'failed'; readonly act: KeptAct; readonly problem: ApiProblem }
  /** No answer yet. It is kept here and sent again, under the same id. */
  | { readonly type: 'waiting'; readonly act: KeptAct };

/** An act as a screen makes it; distributes over the union, so that each keeps its own fields. */
export type NewAct = FloorActBody extends infer A
  ? A extends FloorActBody
    ? Omit<A, 'id' | 'atMs'>
    : never
  : never;

export interface ActOutboxParts {
  readonly api: Pick<ApiClient, 'send'>;
  readonly clock: ConsoleClock;
  /** The gateway's time, as far as it is known. */
  readonly time: { nowMs(): number };
  readonly kept: KeptActs;
  readonly newId: () => string;
}

const retryMs = [1000, 2000, 4000, 8000, 15_000];

/**
 * Brings acts to the gateway, in the order in which they were made. An act gets its id once and is
 * kept before it is first sent; until there is an answer it is sent again and again under that id,
 * over reloads too, so that it happens once however often it was sent. An act that got no answer
 * holds those behind it back: a move may rest on the receipt before it.
 */
export class ActOutbox {
  readonly changed = new Listeners();
  /** Told of every answer. */
  readonly settled = new Listeners<[result: ActResult]>();
  readonly #parts: ActOutboxParts;
  readonly #waiters = new Map<string, (result: ActResult) => void>();
  #person: string | undefined;
  #name: string | undefined;
  #brought: readonly string[] = [];
  #sending: string | undefined;
  #failures = 0;
  #cancelRetry: () => void = () => {};

  constructor(parts: ActOutboxParts) {
    this.#parts = parts;
  }

  /** Acts of the person that have no answer yet, oldest first. */
  get waiting(): readonly KeptAct[] {
    return this.#parts.kept.all().filter((act) => act.person === this.#person && !act.refused);
  }

  /** Acts that were answered with no while nobody was looking, until somebody has seen it. */
  get refused(): readonly KeptAct[] {
    return this.#parts.kept.all().filter((act) => act.person === this.#person && act.refused);
  }

  /** Whose acts wait here for them to sign in again, besides those of who is signed in. */
  get ofOthers(): readonly WaitingFor[] {
    const found = new Map<string, WaitingFor>();
    for (const { madeAtMs, name, person, refused } of this.#left()) {
      if (refused !== undefined) continue;
      const { count = 0, sinceMs = madeAtMs } = found.get(person) ?? {};
      found.set(person, { person, name: name ?? 'somebody', count: count + 1, sinceMs });
    }
    return [...found.values()];
  }

  /** Acts of persons without rights that were brought to the gateway to be reviewed, by title. */
  get brought(): readonly string[] {
    return this.#brought;
  }

  /** Somebody signed in, or out (undefined). Only the acts of who is signed in are sent. */
  become(person: Pick<FloorSession, 'person' | 'name'> | undefined): void {
    if (person?.person === this.#person) return;
    this.#person = person?.person;
    this.#name = person?.name;
    this.#brought = [];
    this.#cancelRetry();
    this.#failures = 0;
    this.changed.tell();
    void this.#next();
    if (person !== undefined) void this.#bringLeft();
  }

  /** Somebody has seen what was brought. */
  forgetBrought(): void {
    this.#brought = [];
    this.changed.tell();
  }

  /**
   * Keeps an act and sends it.
   *
   * @param title what it does, in words, for as long as it waits.
   * @returns the answer, or that it waits. `settled` tells what becomes of it then.
   */
  submit(title: string, act: NewAct): Promise<ActResult> {
    const { kept, newId, time } = this.#parts;
    const id = newId();
    const atMs = time.nowMs();
    // The order in which they were made, also where the clock was set back in between.
    const madeAtMs = Math.max(atMs, ...kept.all().map((each) => each.madeAtMs + 1));
    const person = this.#person ?? '';
    const body = { ...act, id, atMs };
    kept.put({ id, person, name: this.#name, title, madeAtMs, body, refused: undefined });
    return new Promise((resolve) => {
      this.#waiters.set(id, resolve);
      this.changed.tell();
      this.retry();
    });
  }

  /** Sends now what waits, instead of later. */
  retry(): void {
    this.#cancelRetry();
    void this.#next();
  }

  /** Somebody has seen that it was refused. */
  forget(id: string): void {
    this.#parts.kept.remove(id);
    this.changed.tell();
  }

  #left(): readonly KeptAct[] {
    return this.#parts.kept.all().filter((act) => act.person !== this.#person);
  }

  /**
   * Acts of others: the gateway takes those of persons whose rights have ended, to be reviewed. All
   * others stay here until who made them signs in.
   */
  async #bringLeft(): Promise<void> {
    const by = this.#person;
    for (const { body, id, person, refused, title } of this.#left()) {
      if (this.#person !== by) return;
      if (refused !== undefined) continue;
      const left = { person, act: body };
      const path = floorPaths.leftActs;
      const answer = await this.#parts.api.send<FloorLeftActAnswer>('POST', path, left);
      if (!answer.ok || answer.value.outcome !== 'kept-for-review') continue;
      this.#parts.kept.remove(id);
      this.#brought = [...this.#brought, title];
      this.changed.tell();
    }
  }

  async #next(): Promise<void> {
    const [act] = this.waiting;
    if (this.#sending !== undefined || act === undefined) return;
    this.#sending = act.id;
    const answer = await this.#parts.api.send<FloorActAnswer>('POST', floorPaths.acts, act.body);
    this.#sending = undefined;
    if (answer.ok) {
      this.#failures = 0;
      this.#answered(act, answer.value);
    } else if (answer.problem.retryable || answer.problem.code === 'UNREACHABLE') {
      this.#postpone();
      return;
    } else if (answer.problem.code === 'NOT_SIGNED_IN') {
      this.#letWait();
      return;
    } else {
      const { problem } = answer;
      this.#settle({ type: 'failed', act, problem }, problem.message);
    }
    await this.#next();
  }

  #answered(act: KeptAct, answer: FloorActAnswer): void {
    const type = answer.outcome;
    this.#settle({ type, act, answer }, answer.refusal?.code ?? 'refused');
  }

  /** A refusal that no screen waits for is kept until it was seen. */
  #settle(result: ActResult, why: string): void {
    const { act } = result;
    const waiter = this.#waiters.get(act.id);
    this.#waiters.delete(act.id);
    if (result.type === 'applied' || waiter !== undefined) this.#parts.kept.remove(act.id);
    else this.#parts.kept.put({ ...act, refused: why });
    waiter?.(result);
    this.settled.tell(result);
    this.changed.tell();
  }

  #postpone(): void {
    const delayMs = retryMs[Math.min(this.#failures, retryMs.length - 1)] ?? 15_000;
    this.#failures += 1;
    this.#letWait();
    this.#cancelRetry();
    this.#cancelRetry = this.#parts.clock.after(delayMs, () => void this.#next());
  }

  /** Whoever waits for an answer is told that there is none yet, and goes on. */
  #letWait(): void {
    for (const act of this.waiting) {
      this.#waiters.get(act.id)?.({ type: 'waiting', act });
      this.#waiters.delete(act.id);
    }
    this.changed.tell();
  }
}
