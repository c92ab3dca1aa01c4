import type { EventKind, EventPayload } from '#contracts/event-kinds.ts';
import type { BookedTask } from '#contracts/site-book.ts';

/** The kinds that say how documents stand. */
export const documentKinds: readonly EventKind[] = [
  'document.opened',
  'document.progressed',
  'document.closed',
];

type Standing = Pick<EventPayload<'document.progressed'>, 'expected' | 'seen' | 'type'>;

/**
 * The documents that a box had open, as its journal tells it. Their lines are in no event, so they do
 * not come back by themselves: each is a task for the box in its place.
 */
export class OpenDocuments {
  readonly #open = new Map<string, Standing>();

  apply(kind: string, payload: unknown): void {
    if (kind === 'document.opened') {
      const { document, expected, type } = payload as EventPayload<typeof kind>;
      this.#open.set(document, { expected, seen: this.#open.get(document)?.seen ?? 0, type });
    } else if (kind === 'document.progressed') {
      const { document, expected, seen, type } = payload as EventPayload<typeof kind>;
      this.#open.set(document, { expected, seen, type });
    } else if (kind === 'document.closed') {
      this.#open.delete((payload as EventPayload<typeof kind>).document);
    } else if (kind === 'gateway.book-restored') {
      // What was open at the box before is a task since.
      this.#open.clear();
    }
  }

  /** What somebody at the new box has to look into, by document. */
  tasks(): BookedTask[] {
    return [...this.#open]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([document, { expected, seen, type }]) => {
        const reason = `${type} open when the box was replaced, ${seen} of ${expected} seen: send it again`;
        return { document, reason, task: 'reconcile' };
      });
  }
}
