import { LitElement, type PropertyDeclarations } from 'lit';
import type { SessionData } from '../data/session-data.ts';
import { LoadedParts } from '../ui/loaded-parts.ts';

/** What a page is made of, as far as its root decides by it. */
interface SessionParts {
  readonly session: Pick<SessionData<unknown>, 'changed'>;
}

/** The element that decides by the session what there is to see: sign-in page, or shell. */
export abstract class SessionRoot<P extends SessionParts> extends LitElement {
  static override properties: PropertyDeclarations = { parts: { attribute: false } };
  declare parts: P | undefined;
  readonly #code = new LoadedParts(this);
  #unsubscribe: () => void = () => {};

  constructor() {
    super();
    this.parts = undefined;
  }

  /** Somebody signed in or out, or nobody knows; before it is drawn. */
  protected abstract sessionChanged(parts: P): void;

  /** The page's own styles reach in: this element only chooses what stands in the page. */
  protected override createRenderRoot() {
    return this;
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    const { parts } = this;
    if (!changed.has('parts') || parts === undefined) return;
    this.#unsubscribe();
    this.#unsubscribe = parts.session.changed.add(() => {
      this.sessionChanged(parts);
      this.requestUpdate();
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unsubscribe();
  }

  /** Whether the code of a part is there; else it is loaded, and this is drawn again. */
  protected ready(name: string, load: () => Promise<unknown>): boolean {
    return this.#code.need(name, load) === 'ready';
  }
}
