import { createHash } from 'node:crypto';
import type { ActOutcome, ActRefusal, FloorAct } from '#contracts/acts.ts';
import type { FloorActAnswer, FloorActBody } from '#contracts/api/floor-api.ts';
import { encodeCanonical } from '#contracts/canonical.ts';
import type { EventDraft } from '#contracts/envelope.ts';
import { isEventKind, type EventKind, type EventPayload } from '#contracts/event-kinds.ts';
import { Fault } from '#contracts/fault.ts';
import { eventId } from '#contracts/ids.ts';
import type { SitePerson } from '#contracts/people.ts';
import type { Clock } from '#contracts/time.ts';
import type { JournalledEvent } from '../journal/events-at.ts';
import type { IntakeBody } from '../intake/intake-entry.ts';
import type { EntryOutcome, Pipeline } from '../pipeline.ts';
import type { CountCover } from './count-cover.ts';
import { refusalOf } from './refusal-words.ts';
import { taskShown } from './task-shown.ts';

export interface ActDoorOptions {
  readonly pipeline: Pick<Pipeline, 'submit'>;
  /** Devices wait for room on disk, and so must people. */
  readonly held: () => boolean;
  /** Whose journal the events are in, as `gateway` and the epoch's ordinal. */
  readonly journal: () => { readonly gateway: string; readonly epoch: number };
  /** What the journal has of an intake position. */
  readonly eventsAt: (pos: number) => readonly JournalledEvent[];
  readonly cover: CountCover;
  /** Trusted time. */
  readonly clock: Clock;
  /** How long an answer may take before the client should ask again; default 10 s. */
  readonly answerWithinMs?: number;
}

interface Taken {
  readonly atMs: number;
  /** Of the act with its person: the same id must mean the same act. */
  readonly digest: string;
  readonly answer: Promise<FloorActAnswer>;
}

const mostRemembered = 1_000;

/**
 * Takes what persons ask for into the intake log, and answers once entry and events are on disk. An
 * id that came before is answered with the first answer, or, when that is not in memory any more,
 * with what book and journal remember of it.
 */
export class ActDoor {
  readonly #options: ActDoorOptions;
  readonly #taken = new Map<string, Taken>();

  constructor(options: ActDoorOptions) {
    this.#options = options;
  }

  /** @throws Fault UNAVAILABLE: ask again with the same id; CONFLICT: the id means another act. */
  async take(person: SitePerson, body: FloorActBody): Promise<FloorActAnswer> {
    const act: FloorAct = { ...body, person: person.id };
    const digest = createHash('sha256').update(encodeCanonical(act)).digest('hex');
    const before = this.#taken.get(act.id);
    if (before !== undefined && before.digest !== digest) {
      throw usedFor(act.id, before.atMs);
    }
    return await this.#within(before?.answer ?? this.#submit(person, act, digest));
  }

  /**
   * Takes an act that lay on a device until its author had no rights left: it is kept for review.
   *
   * @throws Fault as `take` does.
   */
  async keep(by: SitePerson, author: string, body: FloorActBody): Promise<void> {
    const act: FloorAct = { ...body, person: author };
    const entry = { type: 'act', act, lease: null, broughtBy: by.id } as const;
    await this.#within(this.#enter(entry));
  }

  #enter(entry: Extract<IntakeBody, { type: 'act' }>): Promise<FloorActAnswer> {
    const { clock, held, pipeline } = this.#options;
    if (held()) {
      const message = 'the gateway has no room on its disk: send the same act again later';
      throw new Fault('UNAVAILABLE', message, { details: { retryAfterS: 5 } });
    }
    return pipeline.submit(entry, clock.nowMs()).then((said) => this.#answerOf(entry.act, said));
  }

  #submit(person: SitePerson, act: FloorAct, digest: string): Promise<FloorActAnswer> {
    const answer = this.#enter({ type: 'act', act, lease: person.lease ?? null });
    this.#taken.set(act.id, { digest, answer, atMs: this.#options.clock.nowMs() });
    answer.catch(() => this.#taken.delete(act.id));
    for (const id of this.#taken.keys()) {
      if (this.#taken.size <= mostRemembered) break;
      this.#taken.delete(id);
    }
    return answer;
  }

  async #within(answer: Promise<FloorActAnswer>): Promise<FloorActAnswer> {
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      const message = 'the gateway is busy, and nobody knows yet: send the same act again';
      const fault = new Fault('UNAVAILABLE', message, { details: { retryAfterS: 5 } });
      timer = setTimeout(() => reject(fault), this.#options.answerWithinMs ?? 10_000);
    });
    try {
      return await Promise.race([answer, tooLong]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** What the journal still has of the act that came first. */
  #saidBefore(pos: number | undefined): Said[] {
    if (pos === undefined) return [];
    return this.#options.eventsAt(pos).flatMap(({ header, payload }): Said[] => {
      const { kind, occurredAt, seq } = header;
      if (!isEventKind(kind) || payload === undefined) return [];
      return [{ draft: { kind, payload: payload as EventPayload<EventKind>, occurredAt }, seq }];
    });
  }

  #answerOf(act: FloorAct, taken: EntryOutcome): FloorActAnswer {
    const { outcome } = taken;
    if (outcome?.type === 'repeated' && outcome.isOther) {
      const [first] = outcome.pos === undefined ? [] : this.#options.eventsAt(outcome.pos);
      throw usedFor(act.id, first?.header.receivedAt);
    }
    const all = outcome?.type === 'repeated' ? this.#saidBefore(outcome.pos) : saidNow(taken);
    const drafts = all.map(({ draft }) => draft);
    const said = all.filter(({ draft }) => isOf(draft, act));
    const refused = refusedAs(outcome, drafts);
    const count = countOf(said.map(({ draft }) => draft));
    const { clock, cover, journal } = this.#options;
    const isInCover = 'zone' in act && cover.coverOf(act.person, clock.nowMs())(act.zone);
    const isCovered = isInCover && count === null;
    if (act.type === 'count' && refused === undefined) {
      if (isForOthers(count)) cover.hold(act.person, act.zone);
      else cover.end(act.person, act.zone);
    }
    const detail = isCovered && refused?.code === 'beyond-balance' ? '' : (refused?.detail ?? '');
    return {
      act: act.id,
      outcome: refused === undefined ? 'applied' : 'refused',
      repeated: outcome?.type === 'repeated',
      refusal: refused === undefined ? null : refusalOf(act, refused.code, detail),
      events: said.map(({ draft, seq }) => ({
        event: eventId({ ...journal(), seq }),
        kind: draft.kind,
      })),
      tasks: drafts
        .flatMap(taskOf)
        .map((task) => taskShown(task, cover.coverOf(act.person, clock.nowMs()))),
      sweep: isCovered ? null : sweepOf(said.map(({ draft }) => draft)),
      count,
    };
  }
}

interface Said {
  readonly draft: Pick<EventDraft, 'kind' | 'payload' | 'occurredAt'>;
  readonly seq: number;
}

function saidNow({ drafts, firstSeq }: EntryOutcome): Said[] {
  return drafts.map((draft, index) => ({ draft, seq: (firstSeq ?? 0) + index }));
}

function usedFor(id: string, atMs: number | undefined): Fault {
  const when = atMs === undefined ? '' : ` at ${new Date(atMs).toISOString()}`;
  const message = `the act id "${id}" was used for another act${when}: make a new one`;
  return new Fault('CONFLICT', message);
}

function refusedAs(
  outcome: ActOutcome | undefined,
  drafts: readonly Said['draft'][],
): { readonly code: ActRefusal; readonly detail: string } | undefined {
  if (outcome?.type === 'refused') return outcome;
  if (outcome?.type !== 'repeated' || outcome.of === 'applied') return undefined;
  const first = drafts.find(({ kind }) => kind === 'act.refused');
  const detail = (first?.payload as EventPayload<'act.refused'> | undefined)?.detail;
  return { code: outcome.of, detail: detail ?? 'as it was said when it came first' };
}

/** Timers that were due may have said something at the same position. */
function isOf({ payload }: Said['draft'], { id }: FloorAct): boolean {
  const { act, by } = payload as { act?: string; by?: { act?: string } };
  return act === id || by?.act === id;
}

function taskOf({ kind, payload, occurredAt }: Said['draft']): FloorActAnswer['tasks'] {
  if (kind !== 'task.opened') return [];
  const task = payload as EventPayload<'task.opened'>;
  return task.id === undefined ? [] : [{ ...task, id: task.id, openedAtMs: occurredAt }];
}

const mostSwept = 500;

/** A long sweep is said in several events; each list is cut, the figures are of all. */
function sweepOf(drafts: readonly Said['draft'][]): FloorActAnswer['sweep'] {
  const parts = drafts
    .filter(({ kind }) => kind === 'stock.swept')
    .map(({ payload }) => payload as EventPayload<'stock.swept'>);
  const [first] = parts;
  if (first === undefined) return null;
  const { zone, booked, seen, inferred, unknown } = first;
  const missing = parts.flatMap((part) => part.missing);
  const unexpected = parts.flatMap((part) => part.unexpected);
  return {
    zone,
    booked,
    seen,
    inferred,
    missing: missing.slice(0, mostSwept),
    unexpected: unexpected
      .slice(0, mostSwept)
      .map(({ epc, bookedZone = null }) => ({ epc, bookedZone })),
    unknown,
    more: Math.max(missing.length, unexpected.length) > mostSwept,
  };
}

/** What the count left must be closed by somebody else. */
function isForOthers(count: FloorActAnswer['count']): boolean {
  return count?.result === 'recount' || count?.result === 'review';
}

/**
 * The book's figures, once a count is closed: it agrees, or two persons found the same. Who counted
 * alone, or waits for approval, would know them at the next count.
 */
function countOf(drafts: readonly Said['draft'][]): FloorActAnswer['count'] {
  const counted = drafts.find(({ kind }) => kind === 'stock.counted');
  if (counted === undefined) return null;
  const { result, lines } = counted.payload as EventPayload<'stock.counted'>;
  return { result, lines: result === 'agrees' || result === 'confirmed' ? lines : null };
}
