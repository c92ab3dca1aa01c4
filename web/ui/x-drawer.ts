import { css, html, LitElement, type PropertyValues } from 'lit';
import { hostStyles } from './host-styles.ts';
import { icon } from './icons.ts';

/** Below this width the drawer covers the screen and holds the focus; above it stands beside. */
const besideQuery = '(width >= 1000px)';

/**
 * Shows the detail of what is selected. A native dialog: beside the grid it leaves the grid usable,
 * on a small screen it is modal. Tells `close` when the person closes it.
 */
export class XDrawer extends LitElement {
  static override styles = [
    hostStyles,
    css`
      :host {
        display: flex;
        min-height: 0;
        width: var(--drawer-width);
      }

      dialog {
        position: static;
        display: flex;
        flex-direction: column;
        flex: 1;
        width: 100%;
        height: auto;
        max-width: none;
        max-height: none;
        margin: 0;
        padding: 0;
        color: inherit;
        background: var(--surface);
        border: 1px solid var(--line);
        border-radius: var(--radius-l);
        overflow: hidden;
      }

      dialog:modal {
        position: fixed;
        inset: 0;
        width: 100vw;
        height: 100dvh;
        border: 0;
        border-radius: 0;
      }

      dialog::backdrop {
        background: rgb(0 0 0 / 0.4);
      }

      header {
        display: flex;
        gap: var(--space-2);
        align-items: start;
        padding: 10px 8px 10px var(--space-4);
        border-bottom: 1px solid var(--line);
      }

      header > div {
        flex: 1;
        min-width: 0;
      }

      h2:focus-visible {
        outline-offset: 4px;
      }

      .body {
        flex: 1;
        overflow: auto;
        padding: var(--space-3) var(--space-4) var(--space-4);
      }

      button {
        display: grid;
        place-items: center;
        width: 28px;
        height: 28px;
        border: 0;
        border-radius: var(--radius);
        background: none;
        color: var(--fg-muted);
        cursor: pointer;
      }

      button:hover {
        background: var(--sunken);
        color: var(--fg);
      }
    `,
  ];
  static override properties = { heading: { type: String }, back: { type: Boolean } };
  declare heading: string;
  /** Shows a button that tells `back`. */
  declare back: boolean;
  readonly #beside = matchMedia(besideQuery);
  readonly #moved = () => this.#show();
  /** Beside the grid, Escape works wherever the focus is; a modal dialog hears it by itself. */
  readonly #escaped = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && !event.defaultPrevented && this.#beside.matches) {
      this.#cancelled(event);
    }
  };

  constructor() {
    super();
    this.heading = '';
    this.back = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#beside.addEventListener('change', this.#moved);
    document.addEventListener('keydown', this.#escaped);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#beside.removeEventListener('change', this.#moved);
    document.removeEventListener('keydown', this.#escaped);
  }

  override firstUpdated(): void {
    this.#show();
  }

  /** What was pressed to get here is gone from the page, and the focus with it. */
  override updated(changed: PropertyValues<this>): void {
    if (changed.get('back') !== undefined) this.renderRoot.querySelector('h2')?.focus();
  }

  override render() {
    return html`<dialog aria-labelledby="heading" @cancel=${this.#cancelled}>
      <header>
        ${
          this.back
            ? html`<button aria-label="Back to the ledger lines" @click=${() => this.#tell('back')}>
                ${icon('back')}
              </button>`
            : ''
        }
        <div>
          <h2 id="heading" tabindex="-1" autofocus>${this.heading}</h2>
          <slot name="subtitle"></slot>
        </div>
        <button aria-label="Close" @click=${() => this.#tell('close')}>${icon('close')}</button>
      </header>
      <div class="body" tabindex="0" role="group" aria-label=${this.heading}><slot></slot></div>
    </dialog>`;
  }

  #show(): void {
    const dialog = this.renderRoot.querySelector('dialog');
    if (dialog === null) return;
    if (dialog.open) dialog.close();
    if (this.#beside.matches) dialog.show();
    else dialog.showModal();
  }

  readonly #cancelled = (event: Event): void => {
    event.preventDefault();
    this.#tell(this.back ? 'back' : 'close');
  };

  #tell(what: 'close' | 'back'): void {
    this.dispatchEvent(new CustomEvent(what));
  }
}
customElements.define('x-drawer', XDrawer);
