import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ConsoleClock } from '../console-clock.ts';
import type { HubTime } from '../data/hub-time.ts';

/** Draws its host again every so often, so that relative times on it stay true. */
export class NowController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #parts: () => { readonly clock: ConsoleClock; readonly hubTime: HubTime };
  readonly #periodMs: number;
  #cancel: () => void = () => {};

  constructor(
    host: ReactiveControllerHost,
    parts: () => { readonly clock: ConsoleClock; readonly hubTime: HubTime },
    periodMs = 1000,
  ) {
    this.#host = host;
    this.#parts = parts;
    this.#periodMs = periodMs;
    host.addController(this);
  }

  /** The hub's time now. */
  get ms(): number {
    return this.#parts().hubTime.nowMs();
  }

  hostConnected(): void {
    this.#cancel = this.#parts().clock.after(this.#periodMs, () => {
      this.#host.requestUpdate();
      this.hostConnected();
    });
  }

  hostDisconnected(): void {
    this.#cancel();
  }
}
