import { html, nothing } from 'lit';
import type { ConsoleParts } from './console-parts.ts';
import './ui/x-notice.ts';
import './ui/x-button.ts';
import { SessionRoot } from './shell/session-root.ts';
import { problemWords } from './data/api-problem.ts';

/** Decides by the session what there is to see: the sign-in page, or the shell with its screens. */
export class AppRoot extends SessionRoot<ConsoleParts> {
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
        if (!this.ready('sign-in', () => import('./screens/sign-in/sign-in-page.ts'))) {
          return nothing;
        }
        return html`<sign-in-page
          .session=${parts.session}
          .clock=${parts.clock}
          .ended=${current.ended}
        ></sign-in-page>`;
      case 'signed-in':
        if (!this.ready('shell', () => import('./app-shell.ts'))) return nothing;
        return html`<app-shell .parts=${parts} .username=${current.session.username}></app-shell>`;
    }
  }

  protected override sessionChanged({ session, stream }: ConsoleParts): void {
    if (session.current.state === 'signed-in') stream.start();
    else stream.stop();
  }
}
customElements.define('app-root', AppRoot);
