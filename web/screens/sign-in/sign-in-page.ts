import { css, html, LitElement, nothing } from 'lit';
import type { ConsoleClock } from '../../console-clock.ts';
import { problemWords, type ApiProblem } from '../../data/api-problem.ts';
import type { SessionData } from '../../data/session-data.ts';
import { brand } from '../../shell/brand.ts';
import { hostStyles } from '../../ui/host-styles.ts';
import '../../ui/x-button.ts';
import '../../ui/x-notice.ts';
import '../../ui/x-password-field.ts';
import '../../ui/x-text-field.ts';

/** Asks who is there. Where the person wanted to go stays in the URL. */
export class SignInPage extends LitElement {
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
        width: min(100%, 348px);
      }

      form {
        display: grid;
        gap: 14px;
        padding: 26px 26px 28px;
        box-shadow: var(--shadow);
      }

      .brand {
        display: flex;
        gap: 8px;
        align-items: center;
        font-weight: 650;
        font-size: var(--text-l);
        letter-spacing: -0.01em;
      }

      .brand svg {
        width: 18px;
        height: 18px;
      }

      h1 {
        margin-top: 2px;
      }

      x-button {
        margin-top: 4px;
      }

      footer {
        padding: 14px 4px;
        color: var(--fg-muted);
        font-size: var(--text-s);
        text-align: center;
      }
    `,
  ];
  static override properties = {
    session: { attribute: false },
    clock: { attribute: false },
    ended: { type: Boolean },
    busy: { state: true },
    problem: { state: true },
    waitS: { state: true },
  };
  declare session: SessionData;
  declare clock: ConsoleClock;
  /** A session ended under the person's hands. */
  declare ended: boolean;
  declare busy: boolean;
  declare problem: ApiProblem | undefined;
  /** Seconds until the hub takes another attempt. */
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
    document.title = 'Sign in · Holdfast';
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#cancelWait();
  }

  override render() {
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
          label="Password"
          @value-change=${(event: CustomEvent<string>) => (this.#password = event.detail)}
        ></x-password-field>
        <x-button kind="primary" ?disabled=${this.busy || this.waitS > 0} @click=${this.#submit}
          >${this.waitS > 0 ? `Wait ${this.waitS} s` : this.busy ? 'Signing in…' : 'Sign in'}</x-button
        >
      </form>
      <footer>Sites go on working and keep every event while nobody is signed in.</footer>
    </main>`;
  }

  #message() {
    if (this.problem !== undefined) {
      const { title, advice } = problemWords(this.problem);
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
    void this.session.signIn(this.#username.trim(), this.#password).then((problem) => {
      this.busy = false;
      this.problem = problem;
      this.#countDown(problem?.code === 'TOO_MANY_ATTEMPTS' ? (problem.retryAfterS ?? 0) : 0);
    });
  };

  #countDown(seconds: number): void {
    this.waitS = Math.ceil(seconds);
    this.#cancelWait();
    if (this.waitS > 0) {
      this.#cancelWait = this.clock.after(1000, () => this.#countDown(this.waitS - 1));
    }
  }
}
customElements.define('sign-in-page', SignInPage);
