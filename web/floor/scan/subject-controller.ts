import type { FloorFound } from '#contracts/api/floor-api.ts';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ApiProblem } from '../../data/api-problem.ts';
import type { FloorParts } from '../floor-parts.ts';
import { subjectOf, zoneOf, type Subject } from './subject.ts';

/** A scan that the gateway did not answer: nothing was done with it. */
export interface Unanswered {
  readonly text: string;
  readonly problem: ApiProblem;
}

/**
 * Asks the gateway what codes mean here. Requests run side by side; answers are given in the order
 * of the scans, each of them, however slow the network is: two quick scans of one thing are two, and
 * a zone scanned after a thing is heard after it.
 */
export class SubjectController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #parts: () => FloorParts;
  #open = 0;
  /** What was asked before the last `clear` is answered to nobody. */
  #round = 0;
  #last: Promise<unknown> = Promise.resolve();
  /** What was scanned last. */
  text = '';
  found: FloorFound | undefined;
  /** Kept until it is asked again or cleared: a person must hear of each scan that did nothing. */
  unanswered: readonly Unanswered[] = [];

  constructor(host: ReactiveControllerHost, parts: () => FloorParts) {
    this.#host = host;
    this.#parts = parts;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.#round += 1;
  }

  /** What the gateway is being asked about; empty: nothing. */
  get looking(): string {
    return this.#open === 0 ? '' : this.text;
  }

  /** @returns what it is; undefined where the gateway did not say, or `clear` came in between. */
  look(text: string): Promise<Subject | undefined> {
    const { data } = this.#parts();
    const zone = zoneOf(text, data.site.value);
    this.unanswered = this.unanswered.filter((one) => one.text !== text);
    const turn =
      zone === undefined
        ? this.#ask(text, this.#last, this.#round)
        : this.#last.then((): Subject => ({ type: 'zone', zone }));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  clear(): void {
    this.#round += 1;
    this.#open = 0;
    this.unanswered = [];
    this.found = undefined;
    this.text = '';
    this.#host.requestUpdate();
  }

  async #ask(text: string, before: Promise<unknown>, round: number): Promise<Subject | undefined> {
    const { data } = this.#parts();
    this.text = text;
    this.#open += 1;
    this.#host.requestUpdate();
    const [answer] = await Promise.all([data.find(text), before]);
    if (round !== this.#round) return undefined;
    this.#open -= 1;
    this.found = answer.ok ? answer.value : undefined;
    if (!answer.ok) this.unanswered = [...this.unanswered, { text, problem: answer.problem }];
    this.#host.requestUpdate();
    return answer.ok ? subjectOf(answer.value, text, data.site.value) : undefined;
  }
}
