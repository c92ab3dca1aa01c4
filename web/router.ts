import { Listeners } from './listeners.ts';

/** The part of `window` that a router needs. */
export type RouterWindow = Pick<Window, 'location' | 'history' | 'addEventListener'>;

/** Where the console is. The URL is the state; going somewhere is writing it. */
export class Router {
  readonly changed = new Listeners();
  readonly #window: RouterWindow;

  constructor(on: RouterWindow) {
    this.#window = on;
  }

  start(): void {
    this.#window.addEventListener('popstate', () => this.changed.tell());
  }

  get path(): string {
    return this.#window.location.pathname;
  }

  get params(): URLSearchParams {
    return new URLSearchParams(this.#window.location.search);
  }

  /** `replace` for what is not a step back for the user: typing in a filter, sorting. */
  go(url: string, how: 'push' | 'replace' = 'push'): void {
    const { location, history } = this.#window;
    if (url === location.pathname + location.search) return;
    if (how === 'push') history.pushState(null, '', url);
    else history.replaceState(null, '', url);
    this.changed.tell();
  }

  /** Follows a click on a link of ours without loading the page anew; leaves all others alone. */
  follow(event: MouseEvent): void {
    const held = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (event.defaultPrevented || event.button !== 0 || held) return;
    const link = event.composedPath().find((each) => each instanceof HTMLAnchorElement);
    if (link === undefined || link.target !== '' || link.hasAttribute('download')) return;
    if (link.origin !== this.#window.location.origin || link.pathname.startsWith('/api/')) return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }
}
