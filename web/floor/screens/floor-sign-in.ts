import { css, html, LitElement, nothing } from 'lit';
import { problemWords, type ApiProblem } from '../../data/api-problem.ts';
import { countOf } from '../../format/numbers.ts';
import { brand } from '../../shell/brand.ts';
import { hostStyles } from '../../ui/host-styles.ts';
import '../../ui/x-button.ts';
import '../../ui/x-notice.ts';
import '../../ui/x-password-field.ts';
import '../../ui/x-text-field.ts';
import { floorProblemWords } from '../data/floor-problem.ts';
import type { FloorParts } from '../floor-parts.ts';

/** Asks who is there. Works with the hub away: the gateway knows its people. */
export class FloorSignIn extends LitElement {
  static override styles = [
    hostStyles,
    css`
      :host {
        display: grid;
        place-items: center;
        min-height: 100dvh;
        padding: var(--space-4);
      }

      main {
        width: min(100%, 380px);
      }

      form {
        display: grid;
        gap: 18px;
        padding: 26px 22px 24px;
        box-shadow: var(--shadow);
      }

      .brand {
        display: flex;
        gap: 8px;
        align-items: center;
        font-weight: 650;
        letter-spacing: -0.01em;
      }

      .brand svg {
        width: 20px;
        height: 20px;
      }

      x-button {
        min-height: 56px;
      }

      footer {
        padding: 16px 4px;
        color: var(--fg-muted);
        font-size: var(--text-s);
        text-align: center;
        text-wrap: balance;
      }
    `,
  ];
  static override properties = {
    parts: { attribute: false },
    ended: { type: Boolean },
    busy: { state: true },
    problem: { state: true },
    waitS: { state: true },
  };
  declare parts: FloorParts;
  /** A session ended under the person's hands. */
  declare ended: boolean;
  declare busy: boolean;
  declare problem: ApiProblem | undefined;
  /** Seconds until the gateway takes another attempt. */
  declare waitS: number;
  #username = '';
  #password = '';
  #cancelWait: () => void = () => {};

  constructor() {
    super();
    this.ended = false;
    this.busy = false;
    this.problem = undefined;
    this.waitS = 0;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.title = 'Sign in · Holdfast floor';
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#cancelWait();
  }

  override render() {
    const kept = this.parts.outbox.ofOthers;
    return html`<main>
      <form class="card" @submit=${this.#submit} @keydown=${this.#pressed}>
        ${brand()}
        <h1>Sign in</h1>
        ${this.#message()}
        <x-text-field
          label="User name"
          autocomplete="username"
          @value-change=${(event: CustomEvent<string>) => (this.#username = event.detail)}
        ></x-text-field>
        <x-password-field
          label="Password or PIN"
          @value-change=${(event: CustomEvent<string>) => (this.#password = event.detail)}
        ></x-password-field>
        <x-button kind="primary" ?disabled=${this.busy || this.waitS > 0} @click=${this.#submit}
          >${this.waitS > 0 ? `Wait ${this.waitS} s` : this.busy ? 'Signing in…' : 'Sign in'}</x-button
        >
      </form>
      <footer>
        ${
          kept === 0
            ? 'This gateway knows its people, also while the hub is away.'
            : `${countOf(kept, 'act')} on this device, to be sent when who did it signs in.`
        }
      </footer>
    </main>`;
  }

  #message() {
    const { problem } = this;
    if (problem !== undefined) {
      const { title, advice } =
        problem.code === 'UNREACHABLE' ? floorProblemWords(problem) : wordsOf(problem);
      return html`<x-notice
        kind="banner"
        tone="bad"
        heading="${title}."
        advice=${advice}
      ></x-notice>`;
    }
    if (!this.ended) return nothing;
    return html`<x-notice
      kind="banner"
      tone="warn"
      heading="Your session ended."
      advice="Sign in to go on where you were."
    ></x-notice>`;
  }

  readonly #pressed = (event: KeyboardEvent): void => {
    const inField = event.composedPath()[0] instanceof HTMLInputElement;
    if (event.key === 'Enter' && inField) this.#submit(event);
  };

  readonly #submit = (event: Event): void => {
    event.preventDefault();
    if (this.busy || this.waitS > 0) return;
    if (this.#username === '' || this.#password === '') {
      const empty = this.#username === '' ? 'x-text-field' : 'x-password-field';
      this.renderRoot.querySelector<HTMLElement>(empty)?.focus();
      return;
    }
    this.busy = true;
    const { session } = this.parts;
    void session.signIn(this.#username.trim(), this.#password).then((problem) => {
      this.busy = false;
      this.problem = problem;
      this.#countDown(problem?.code === 'TOO_MANY_ATTEMPTS' ? (problem.retryAfterS ?? 0) : 0);
    });
  };

  #countDown(seconds: number): void {
    this.waitS = Math.ceil(seconds);
    this.#cancelWait();
    if (this.waitS > 0) {
      this.#cancelWait = this.parts.clock.after(1000, () => this.#countDown(this.waitS - 1));
    }
  }
}
customElements.define('floor-sign-in', FloorSignIn);

/** A password that the hub has not confirmed for too long is refused with its own code. */
function wordsOf(problem: ApiProblem): { title: string; advice: string } {
  if (problem.code === 'NOT_ALLOWED') {
    return { title: 'You cannot sign in here now', advice: problem.message };
  }
  return problem.code === 'SIGN_IN_FAILED' || problem.code === 'TOO_MANY_ATTEMPTS'
    ? problemWords(problem)
    : floorProblemWords(problem);
}
