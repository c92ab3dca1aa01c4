import { html, nothing } from 'lit';
import '../ui/x-button.ts';
import '../ui/x-notice.ts';
import { SessionRoot } from '../shell/session-root.ts';
import type { ApiProblem } from '../data/api-problem.ts';
import { countOf } from '../format/numbers.ts';
import { floorProblemWords } from './data/floor-problem.ts';
import type { FloorParts } from './floor-parts.ts';

/** How often a gateway that does not answer is asked who is signed in. */
const retryMs = 3000;

/** Decides by the session what there is to see: the sign-in page, or the shell with its screens. */
export class FloorRoot extends SessionRoot<FloorParts> {
  /** Shown until there is an answer: asking again by itself must not make the page blink. */
  #problem: ApiProblem | undefined;
  #cancelRetry: () => void = () => {};

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#cancelRetry();
  }

  override render() {
    const { parts } = this;
    if (parts === undefined) return nothing;
    const { current } = parts.session;
    switch (current.state) {
      case 'asking':
        return this.#problem === undefined ? nothing : this.#away(parts, this.#problem);
      case 'unknown':
        return this.#away(parts, current.problem);
      case 'signed-out':
        if (!this.ready('sign-in', () => import('./screens/floor-sign-in.ts'))) return nothing;
        return html`<floor-sign-in .parts=${parts} .ended=${current.ended}></floor-sign-in>`;
      case 'signed-in':
        if (!this.ready('shell', () => import('./floor-shell.ts'))) return nothing;
        return html`<floor-shell .parts=${parts} .session=${current.session}></floor-shell>`;
    }
  }

  #away(parts: FloorParts, problem: ApiProblem) {
    const { title, advice } = floorProblemWords(problem);
    const kept = parts.outbox.ofOthers;
    const waiting = kept === 0 ? '' : ` ${countOf(kept, 'act')} kept on this device.`;
    return html`<main>
      <x-notice tone="bad" heading=${title} advice="${advice}${waiting}">
        <x-button @click=${() => void parts.session.check()}>Try again now</x-button>
      </x-notice>
    </main>`;
  }

  protected override sessionChanged(parts: FloorParts): void {
    const { current } = parts.session;
    if (current.state === 'signed-out') parts.data.forget();
    if (current.state !== 'asking') this.#problem = undefined;
    if (current.state === 'unknown') {
      this.#problem = current.problem;
      this.#cancelRetry();
      this.#cancelRetry = parts.clock.after(retryMs, () => void parts.session.check());
    }
    parts.outbox.become(current.state === 'signed-in' ? current.session.person : undefined);
  }
}
customElements.define('floor-root', FloorRoot);
