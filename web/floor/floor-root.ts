import type { FloorSession } from '#contracts/api/floor-api.ts';
import { html, nothing } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import '../ui/x-button.ts';
import '../ui/x-notice.ts';
import { SessionRoot } from '../shell/session-root.ts';
import type { ApiProblem } from '../data/api-problem.ts';
import { floorProblemWords } from './data/floor-problem.ts';
import type { FloorParts } from './floor-parts.ts';
import { readFloorView } from './floor-paths.ts';
import { waitingForWords } from './words/waiting-words.ts';

/** How often a gateway that does not answer is asked who is signed in. */
const retryMs = 3000;

/** Decides by the session what there is to see: the sign-in page, or the shell with its screens. */
export class FloorRoot extends SessionRoot<FloorParts> {
  /** Shown until there is an answer: asking again by itself must not make the page blink. */
  #problem: ApiProblem | undefined;
  #cancelRetry: () => void = () => {};
  /** Whose session ended under their hands: what they typed is still there when they are back. */
  #held: FloorSession | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#cancelRetry();
  }

  override render() {
    const { parts } = this;
    if (parts === undefined) return nothing;
    const { current } = parts.session;
    const who = current.state === 'signed-in' ? current.session : this.#held;
    const shell =
      who === undefined || !this.ready('shell', () => import('./floor-shell.ts'))
        ? nothing
        : keyed(
            who.person,
            html`<floor-shell
              ?hidden=${current.state !== 'signed-in'}
              .parts=${parts}
              .session=${who}
            ></floor-shell>`,
          );
    return html`${this.#instead(parts)}${shell}`;
  }

  /** What stands in the place of the shell. */
  #instead(parts: FloorParts) {
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
        return nothing;
    }
  }

  #away(parts: FloorParts, problem: ApiProblem) {
    const { title, advice } = floorProblemWords(problem);
    const kept = waitingForWords(parts.outbox.ofOthers);
    const waiting = kept === '' ? '' : ` ${kept} kept on this device.`;
    return html`<main>
      <x-notice tone="bad" heading=${title} advice="${advice}${waiting}">
        <x-button @click=${() => void parts.session.check()}>Try again now</x-button>
      </x-notice>
    </main>`;
  }

  protected override sessionChanged(parts: FloorParts): void {
    const { current } = parts.session;
    const isIn = current.state === 'signed-in';
    if (current.state === 'signed-out') parts.data.forget();
    parts.data.pause(!isIn);
    parts.scanner.muted = !isIn;
    // The live flow would go on asking; there is nothing to type.
    const isFlow = readFloorView(parts.router.params).screen === 'flow';
    if (isIn) this.#held = current.session;
    else if (current.state !== 'signed-out' || !current.ended || isFlow) this.#held = undefined;
    if (current.state !== 'asking') this.#problem = undefined;
    if (current.state === 'unknown') {
      this.#problem = current.problem;
      this.#cancelRetry();
      this.#cancelRetry = parts.clock.after(retryMs, () => void parts.session.check());
    }
    parts.outbox.become(current.state === 'signed-in' ? current.session : undefined);
  }
}
customElements.define('floor-root', FloorRoot);
