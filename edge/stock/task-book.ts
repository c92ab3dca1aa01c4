import { draft, type EventDraft } from '#contracts/envelope.ts';
import type { EventPayload } from '#contracts/event-kinds.ts';
import type { ActReference } from '#contracts/goods.ts';
import { Expiry } from '../observe/expiry.ts';
import { KeyedStore } from '../observe/keyed-store.ts';
import { arrivalAt, momentFields } from '../observe/moment.ts';
import type { StateRow } from '../observe/state-row.ts';
import type { OpenTask } from './stock-view.ts';
import { draftFields, type Saying } from './turn.ts';

type TaskSaid = Omit<EventPayload<'task.opened'>, 'id'>;
type TaskOutcome = EventPayload<'task.closed'>['outcome'];
type TaskState = TaskSaid & { readonly openedAtMs: number };

/** What nobody worked off in this time is closed as expired. */
const taskExpiresMs = 90 * 24 * 3_600_000;

/** The site's open tasks. An id is the intake position and the task's place among its tasks. */
export class TaskBook {
  readonly #open = new KeyedStore<TaskState>('task');
  readonly #expiry = new Expiry(60_000);
  /** The open task about a serial, so that its posting closes it. */
  readonly #byEpc = new Map<string, Set<string>>();
  #pos = 0;
  #opened = 0;

  /** A new intake entry is at work. */
  begin(pos: number): void {
    this.#pos = pos;
    this.#opened = 0;
  }

  get(id: string): OpenTask | undefined {
    const state = this.#open.get(id);
    return state === undefined ? undefined : { ...state, id };
  }

  /** Oldest first. */
  all(): OpenTask[] {
    return [...this.#open.entries()]
      .map(([id, state]) => ({ ...state, id }))
      .sort((a, b) => a.openedAtMs - b.openedAtMs || (a.id < b.id ? -1 : 1));
  }

  /** Opens a task and says so. @returns its id. */
  open(turn: Saying, task: TaskSaid): string {
    const id = `t${this.#pos}-${this.#opened}`;
    this.#opened += 1;
    this.#open.set(id, { ...task, openedAtMs: turn.nowMs });
    this.#expiry.add(id, turn.nowMs + taskExpiresMs);
    if (task.epc !== undefined) this.#index(task.epc, id);
    const { act, document, epc, ...rest } = task;
    const payload = {
      ...(act === undefined ? {} : { act }),
      ...(document === undefined ? {} : { document }),
      ...(epc === undefined ? {} : { epc }),
      id,
      ...rest,
    };
    turn.out.push(draft('task.opened', payload, draftFields(turn)));
    return id;
  }

  close(turn: Saying, id: string, outcome: TaskOutcome, by?: ActReference): void {
    this.#end(id, outcome, draftFields(turn), turn.out, by);
  }

  /** A posting says what the open tasks about this serial asked. */
  supersede(turn: Saying, epc: string): void {
    for (const id of [...(this.#byEpc.get(epc) ?? [])].sort()) this.close(turn, id, 'superseded');
  }

  tick(nowMs: number, out: EventDraft[]): void {
    for (const id of this.#expiry.take(nowMs, this.#dueOf).sort()) {
      this.#end(id, 'expired', momentFields(arrivalAt(nowMs)), out, undefined);
    }
  }

  drainDirty(rows: StateRow[]): void {
    this.#open.drainDirty(rows);
  }

  restore(machine: string, key: string, value: string): boolean {
    if (machine !== this.#open.machine) return false;
    this.#open.restore(key, value);
    this.#expiry.add(key, this.#dueOf(key) ?? 0);
    const epc = this.#open.get(key)?.epc;
    if (epc !== undefined) this.#index(epc, key);
    return true;
  }

  #end(
    id: string,
    outcome: TaskOutcome,
    fields: ReturnType<typeof momentFields>,
    out: EventDraft[],
    by: ActReference | undefined,
  ): void {
    const state = this.#open.get(id);
    if (state === undefined) return;
    this.#open.set(id, undefined);
    const { epc, openedAtMs: openedAt } = state;
    if (epc !== undefined) {
      const ids = this.#byEpc.get(epc);
      ids?.delete(id);
      if (ids?.size === 0) this.#byEpc.delete(epc);
    }
    const said = by === undefined ? { id, openedAt, outcome } : { by, id, openedAt, outcome };
    out.push(draft('task.closed', said, fields));
  }

  #index(epc: string, id: string): void {
    const ids = this.#byEpc.get(epc);
    if (ids === undefined) this.#byEpc.set(epc, new Set([id]));
    else ids.add(id);
  }

  readonly #dueOf = (id: string): number | undefined => {
    const state = this.#open.get(id);
    return state && state.openedAtMs + taskExpiresMs;
  };
}
