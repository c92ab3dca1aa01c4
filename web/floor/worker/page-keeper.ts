import { Listeners } from '../../listeners.ts';

/** Whether a reload shows the page while the network is cut. */
export type KeptState = 'asking' | 'kept' | 'no-secure-context' | 'failed';

type Workers = Pick<ServiceWorkerContainer, 'register' | 'ready'>;

/** Has the worker keep the page on this device, where the browser allows one. */
export class PageKeeper {
  readonly changed = new Listeners();
  readonly #workers: Workers | undefined;
  #state: KeptState = 'asking';

  /** @param workers undefined where the browser has none: without https. */
  constructor(workers: Workers | undefined) {
    this.#workers = workers;
  }

  get state(): KeptState {
    return this.#state;
  }

  start(url: string, scope: string): void {
    if (this.#workers === undefined) {
      this.#become('no-secure-context');
      return;
    }
    const ready = this.#workers.ready;
    this.#workers
      .register(url, { scope, type: 'module' })
      .then(() => ready)
      .then(
        () => this.#become('kept'),
        () => this.#become('failed'),
      );
  }

  #become(state: KeptState): void {
    this.#state = state;
    this.changed.tell();
  }
}
