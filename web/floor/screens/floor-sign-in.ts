import { css, html, LitElement } from 'lit';
import { problemWords, type ApiProblem } from '../../data/api-problem.ts';
import { SignInForm } from '../../shell/sign-in-form.ts';
import { hostStyles } from '../../ui/host-styles.ts';
import { floorProblemWords } from '../data/floor-problem.ts';
import type { FloorParts } from '../floor-parts.ts';
import { waitingForWords } from '../words/waiting-words.ts';

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
  };
  declare parts: FloorParts;
  /** A session ended under the person's hands. */
  declare ended: boolean;
  readonly #form = new SignInForm(this, {
    passwordLabel: 'Password or PIN',
    clock: () => this.parts.clock,
    signIn: (username, password) => this.parts.session.signIn(username, password),
    words: wordsOf,
  });

  constructor() {
    super();
    this.ended = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.title = 'Sign in · Holdfast floor';
  }

  override render() {
    const kept = waitingForWords(this.parts.outbox.ofOthers);
    return html`<main>
      ${this.#form.draw(this.ended)}
      <footer>
        ${
          kept === ''
            ? 'This gateway knows its people, also while the hub is away.'
            : `${kept} on this device, to be sent when who did it signs in. Of somebody whose rights
              have ended, whoever signs in next brings it, to be reviewed.`
        }
      </footer>
    </main>`;
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
