import { html, nothing, type LitElement } from 'lit';
import type { ConsoleClock } from '../console-clock.ts';
import type { ApiProblem } from '../data/api-problem.ts';
import '../ui/x-button.ts';
import '../ui/x-notice.ts';
import '../ui/x-password-field.ts';
import '../ui/x-text-field.ts';
import { brand } from './brand.ts';

/** Of a page that asks who is there. */
export interface SignInPlace {
  readonly passwordLabel: string;
  readonly clock: () => ConsoleClock;
  /** @returns why it failed, or undefined when signed in. */
  readonly signIn: (username: string, password: string) => Promise<ApiProblem | undefined>;
  readonly words: (problem: ApiProblem) => { readonly title: string; readonly advice: string };
}

/** The way in: two fields, one attempt at a time, and the wait that a server asks for. */
export class SignInForm {
  readonly #host: LitElement;
  readonly #place: SignInPlace;
  #busy = false;
  #problem: ApiProblem | undefined;
  /** Seconds until the server takes another attempt. */
  #waitS = 0;
  #username = '';
  #password = '';
  #cancelWait: () => void = () => {};

  constructor(host: LitElement, place: SignInPlace) {
    this.#host = host;
    this.#place = place;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.#cancelWait();
  }

  /** @param ended a session ended under the person's hands. */
  draw(ended: boolean) {
    const waitS = this.#waitS;
    return html`<form class="card" @submit=${this.#submit} @keydown=${this.#pressed}>
      ${brand()}
      <h1>Sign in</h1>
      ${this.#message(ended)}
      <x-text-field
        label="User name"
        autocomplete="username"
        @value-change=${(event: CustomEvent<string>) => (this.#username = event.detail)}
      ></x-text-field>
      <x-password-field
        label=${this.#place.passwordLabel}
        @value-change=${(event: CustomEvent<string>) => (this.#password = event.detail)}
      ></x-password-field>
      <x-button kind="primary" ?disabled=${this.#busy || waitS > 0} @click=${this.#submit}
        >${waitS > 0 ? `Wait ${waitS} s` : this.#busy ? 'Signing in…' : 'Sign in'}</x-button
      >
    </form>`;
  }

  #message(ended: boolean) {
    if (this.#problem !== undefined) {
      const { title, advice } = this.#place.words(this.#problem);
      return html`<x-notice
        kind="banner"
        tone="bad"
        heading="${title}."
        advice=${advice}
      ></x-notice>`;
    }
    if (!ended) return nothing;
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
    if (this.#busy || this.#waitS > 0) return;
    if (this.#username === '' || this.#password === '') {
      const empty = this.#username === '' ? 'x-text-field' : 'x-password-field';
      this.#host.renderRoot.querySelector<HTMLElement>(empty)?.focus();
      return;
    }
    this.#busy = true;
    this.#host.requestUpdate();
    void this.#place.signIn(this.#username.trim(), this.#password).then((problem) => {
      this.#busy = false;
      this.#problem = problem;
      this.#countDown(problem?.code === 'TOO_MANY_ATTEMPTS' ? (problem.retryAfterS ?? 0) : 0);
    });
  };

  #countDown(seconds: number): void {
    this.#waitS = Math.ceil(seconds);
    this.#cancelWait();
    if (this.#waitS > 0) {
      const clock = this.#place.clock();
      this.#cancelWait = clock.after(1000, () => this.#countDown(this.#waitS - 1));
    }
    this.#host.requestUpdate();
  }
}
