import { css, html, LitElement, nothing } from 'lit';
import { hostStyles } from '../../ui/host-styles.ts';
import { readQuantity } from './read-quantity.ts';

/**
 * A whole number with large keys for one less and one more. Empty is nothing said yet, which is not
 * zero. Tells `value-change` with the number, or null where what stands there is none.
 */
export class FloorQuantity extends LitElement {
  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };
  static override styles = [
    hostStyles,
    css`
      :host {
        display: block;
        min-width: 0;
      }

      label {
        display: block;
        margin-bottom: 6px;
        color: var(--fg-muted);
        font-size: var(--text-s);
        font-weight: 500;
      }

      .row {
        display: flex;
        gap: 0;
        max-width: 260px;
        border: 1px solid var(--control-line);
        border-radius: var(--radius);
        background: var(--surface);
      }

      .row:focus-within {
        outline: 2px solid var(--accent);
        outline-offset: 1px;
      }

      button {
        flex: none;
        width: 56px;
        height: 54px;
        border: 0;
        background: none;
        font-size: 24px;
        line-height: 1;
        cursor: pointer;
      }

      button:first-child {
        border-right: 1px solid var(--line-strong);
      }

      button:last-child {
        border-left: 1px solid var(--line-strong);
      }

      button:hover:not(:disabled) {
        background: var(--sunken);
      }

      button:disabled {
        color: var(--fg-muted);
        opacity: 0.5;
        cursor: default;
      }

      input {
        flex: 1;
        width: 100%;
        min-width: 0;
        border: 0;
        background: none;
        color: inherit;
        font: inherit;
        font-size: 22px;
        font-weight: 600;
        text-align: center;
        font-variant-numeric: tabular-nums;
      }

      /* Nothing said yet is unknown, not zero. */
      input:placeholder-shown:not(:focus) {
        background: var(--hatch);
      }

      input:focus {
        outline: none;
      }

      .fault {
        margin-top: 5px;
        color: var(--danger);
        font-size: var(--text-s);
      }

      :host([compact]) label {
        position: absolute;
        width: 1px;
        height: 1px;
        overflow: hidden;
        clip-path: inset(50%);
        white-space: nowrap;
      }

      :host([compact]) .row {
        width: 188px;
      }

      :host([compact]) button {
        width: 52px;
        height: 48px;
      }
    `,
  ];
  static override properties = {
    label: { type: String },
    value: { attribute: false },
    least: { type: Number },
    most: { type: Number },
    mostWhy: { type: String },
    compact: { type: Boolean, reflect: true },
  };
  declare label: string;
  declare value: number | undefined;
  declare least: number;
  declare most: number;
  /** What the upper bound is, to say where it is passed: `still expected`. */
  declare mostWhy: string;
  /** The name is not shown: it stands beside in a list. */
  declare compact: boolean;
  #text = '';
  #told: number | undefined;

  constructor() {
    super();
    this.label = 'Quantity';
    this.value = undefined;
    this.least = 1;
    this.most = 1_000_000_000;
    this.mostWhy = '';
    this.compact = false;
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    // What the person is typing stays as it is; what comes from outside replaces it.
    if (!changed.has('value') || this.value === this.#told) return;
    this.#text = this.value === undefined ? '' : String(this.value);
    this.#told = this.value;
  }

  override render() {
    const { value = this.least - 1, least, most } = this;
    const read = readQuantity(this.#text, least, most, this.mostWhy);
    const fault = this.#text === '' || read.ok ? undefined : read.fault;
    return html`<label for="number">${this.label}</label>
      <div class="row">
        <button
          tabindex="-1"
          aria-label="One less: ${this.label}"
          ?disabled=${value <= least}
          @click=${() => this.#step(-1)}
        >
          −
        </button>
        <input
          id="number"
          inputmode="numeric"
          autocomplete="off"
          placeholder=" "
          .value=${this.#text}
          aria-invalid=${fault === undefined ? 'false' : 'true'}
          aria-describedby=${fault === undefined ? nothing : 'fault'}
          @input=${this.#typed}
          @focus=${(event: FocusEvent) => (event.target as HTMLInputElement).select()}
          @keydown=${this.#pressed}
        />
        <button
          tabindex="-1"
          aria-label="One more: ${this.label}"
          ?disabled=${value >= most}
          @click=${() => this.#step(1)}
        >
          +
        </button>
      </div>
      ${fault === undefined ? nothing : html`<div class="fault" id="fault">${fault}</div>`}`;
  }

  readonly #typed = (event: Event): void => {
    this.#text = (event.target as HTMLInputElement).value.trim();
    const read = readQuantity(this.#text, this.least, this.most, this.mostWhy);
    this.#tell(read.ok ? read.value : undefined);
  };

  readonly #pressed = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowUp') this.#step(1);
    else if (event.key === 'ArrowDown') this.#step(-1);
    else return;
    event.preventDefault();
  };

  #step(by: number): void {
    const from = this.value ?? (by > 0 ? this.least - 1 : this.least);
    const next = Math.min(this.most, Math.max(this.least, from + by));
    this.#text = String(next);
    this.#tell(next);
  }

  #tell(value: number | undefined): void {
    this.#told = value;
    this.value = value;
    this.requestUpdate();
    // An event cannot carry undefined.
    this.dispatchEvent(new CustomEvent('value-change', { detail: value ?? null }));
  }
}
customElements.define('floor-quantity', FloorQuantity);
