import type { ReactiveControllerHost } from 'lit';

/**
 * Code that is loaded when it is first needed. An element must not be drawn before its code is
 * there: it would be connected without the properties that its drawing sets.
 */
export class LoadedParts {
  readonly #host: ReactiveControllerHost;
  readonly #states = new Map<string, 'loading' | 'ready' | 'failed'>();

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
  }

  /** Asks for a part, and draws the host again when it is there or has failed. */
  need(name: string, load: () => Promise<unknown>): 'loading' | 'ready' | 'failed' {
    const known = this.#states.get(name);
    if (known !== undefined) return known;
    this.#states.set(name, 'loading');
    load().then(
      () => this.#settle(name, 'ready'),
      () => this.#settle(name, 'failed'),
    );
    return 'loading';
  }

  #settle(name: string, state: 'ready' | 'failed'): void {
    this.#states.set(name, state);
    this.#host.requestUpdate();
  }
}
