import { html, LitElement, nothing } from 'lit';
import type { ConsoleParts } from './console-parts.ts';
import './ui/x-notice.ts';
import './ui/x-button.ts';
import { problemWords } from './data/api-problem.ts';
import { LoadedParts } from './ui/loaded-parts.ts';

/** Decides by the session what there is to see: the sign-in page, or the shell with its screens. */
export class AppRoot extends LitElement {
  static override properties = { parts: { attribute: false } };
  declare parts: ConsoleParts | undefined;
  readonly #code = new LoadedParts(this);
  #unsubscribe: () => void = () => {};

  constructor() {
    super();
    this.parts = undefined;
  }

  /** The page's own styles reach in: this element only chooses what stands in the page. */
  protected override createRenderRoot() {
    return this;
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has('parts') || this.parts === undefined) return;
    this.#unsubscribe();
    this.#unsubscribe = this.parts.session.changed.add(() => this.#sessionChanged());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unsubscribe();
  }

  override render() {
    const { parts } = this;
    if (parts === undefined) return nothing;
    const { current } = parts.session;
    switch (current.state) {
      case 'asking':
        return nothing;
      case 'unknown': {
        const { title, advice } = problemWords(current.problem);
        return html`<main>
          <x-notice tone="bad" heading=${title} advice=${advice}>
            <x-button @click=${() => void parts.session.check()}>Try again</x-button>
          </x-notice>
        </main>`;
      }
      case 'signed-out':
        if (!this.#ready('sign-in', () => import('./screens/sign-in/sign-in-page.ts'))) {
          return nothing;
        }
        return html`<sign-in-page
          .session=${parts.session}
          .clock=${parts.clock}
          .ended=${current.ended}
        ></sign-in-page>`;
      case 'signed-in':
        if (!this.#ready('shell', () => import('./app-shell.ts'))) return nothing;
        return html`<app-shell .parts=${parts} .username=${current.session.username}></app-shell>`;
    }
  }

  #ready(name: string, load: () => Promise<unknown>): boolean {
    return this.#code.need(name, load) === 'ready';
  }

  #sessionChanged(): void {
    const { parts } = this;
    if (parts === undefined) return;
    if (parts.session.current.state === 'signed-in') parts.stream.start();
    else parts.stream.stop();
    this.requestUpdate();
  }
}
customElements.define('app-root', AppRoot);
