import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { FloorParts } from '../floor-parts.ts';
import type { ActResult, NewAct } from './act-outbox.ts';

/** The act that a screen does: one at a time, and what became of it, also if that comes late. */
export class ActController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #parts: () => FloorParts;
  #busy = false;
  #result: ActResult | undefined;
  #end: () => void = () => {};

  constructor(host: ReactiveControllerHost, parts: () => FloorParts) {
    this.#host = host;
    this.#parts = parts;
    host.addController(this);
  }

  get busy(): boolean {
    return this.#busy;
  }

  get result(): ActResult | undefined {
    return this.#result;
  }

  hostConnected(): void {
    this.#end = this.#parts().outbox.settled.add((result) => {
      if (result.act.id !== this.#result?.act.id) return;
      // It was kept for whoever was not looking; this screen shows it.
      this.#parts().outbox.forget(result.act.id);
      this.#become(result);
    });
  }

  hostDisconnected(): void {
    this.#end();
  }

  /** @returns what became of it; undefined where another act is on its way. */
  async run(title: string, act: NewAct): Promise<ActResult | undefined> {
    if (this.#busy) return undefined;
    this.#busy = true;
    this.#result = undefined;
    this.#host.requestUpdate();
    const result = await this.#parts().outbox.submit(title, act);
    this.#busy = false;
    this.#become(result);
    return result;
  }

  clear(): void {
    this.#result = undefined;
    this.#host.requestUpdate();
  }

  #become(result: ActResult): void {
    this.#result = result;
    if (result.type === 'applied') this.#parts().data.reload();
    this.#host.requestUpdate();
  }
}
