import { css, html, LitElement } from 'lit';
import type { ConsoleClock } from '../../console-clock.ts';
import { problemWords } from '../../data/api-problem.ts';
import type { SessionData } from '../../data/session-data.ts';
import { SignInForm } from '../../shell/sign-in-form.ts';
import { hostStyles } from '../../ui/host-styles.ts';

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
  };
  declare session: SessionData;
  declare clock: ConsoleClock;
  /** A session ended under the person's hands. */
  declare ended: boolean;
  readonly #form = new SignInForm(this, {
    passwordLabel: 'Password',
    clock: () => this.clock,
    signIn: (username, password) => this.session.signIn(username, password),
    words: problemWords,
  });

  constructor() {
    super();
    this.ended = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.title = 'Sign in · Holdfast';
  }

  override render() {
    return html`<main>
      ${this.#form.draw(this.ended)}
      <footer>Sites go on working and keep every event while nobody is signed in.</footer>
    </main>`;
  }
}
customElements.define('sign-in-page', SignInPage);
