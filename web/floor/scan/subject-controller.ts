import type { FloorFound } from '#contracts/api/floor-api.ts';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ApiProblem } from '../../data/api-problem.ts';
import type { FloorParts } from '../floor-parts.ts';
import { subjectOf, zoneOf, type Subject } from './subject.ts';

/** Asks the gateway what a code means here. Only the newest answer counts. */
export class SubjectController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #parts: () => FloorParts;
  #asked = 0;
  looking = false;
  text = '';
  problem: ApiProblem | undefined;
  found: FloorFound | undefined;

  constructor(host: ReactiveControllerHost, parts: () => FloorParts) {
    this.#host = host;
    this.#parts = parts;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.#asked += 1;
  }

  /** @returns what it is; undefined where the gateway did not say, or something else was asked. */
  async look(text: string): Promise<Subject | undefined> {
    const { data } = this.#parts();
    const zone = zoneOf(text, data.site.value);
    if (zone !== undefined) return { type: 'zone', zone };
    this.#asked += 1;
    const asked = this.#asked;
    this.text = text;
    this.looking = true;
    this.problem = undefined;
    this.#host.requestUpdate();
    const answer = await data.find(text);
    if (asked !== this.#asked) return undefined;
    this.looking = false;
    this.problem = answer.ok ? undefined : answer.problem;
    this.found = answer.ok ? answer.value : undefined;
    this.#host.requestUpdate();
    return answer.ok ? subjectOf(answer.value, text, data.site.value) : undefined;
  }

  clear(): void {
    this.#asked += 1;
    this.looking = false;
    this.problem = undefined;
    this.found = undefined;
    this.text = '';
    this.#host.requestUpdate();
  }
}
