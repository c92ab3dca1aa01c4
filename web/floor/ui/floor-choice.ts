import { css, html, LitElement, nothing } from 'lit';
import { hostStyles } from '../../ui/host-styles.ts';

export interface FloorOption {
  readonly value: string;
  readonly label: string;
  readonly note?: string;
}

/**
 * One of a few, each as large as a finger in a glove: a group of native radio buttons. Tells
 * `value-change`.
 */
export class FloorChoice extends LitElement {
  static override styles = [
    hostStyles,
    css`
      :host {
        display: block;
      }

      fieldset {
        margin: 0;
        padding: 0;
        border: 0;
        min-width: 0;
      }

      legend {
        padding: 0;
        margin-bottom: 6px;
        color: var(--fg-muted);
        font-size: var(--text-s);
        font-weight: 500;
      }

      .options {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 100px), 1fr));
        gap: var(--space-2);
      }

      :host([wide]) .options {
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 240px), 1fr));
      }

      label {
        position: relative;
        display: grid;
        align-content: center;
        min-height: var(--touch);
        min-width: 0;
        padding: 6px 10px;
        border: 1px solid var(--control-line);
        border-radius: var(--radius);
        background: var(--surface);
        font-weight: 500;
        cursor: pointer;
        line-height: 1.3;
        overflow-wrap: anywhere;
      }

      label:hover {
        border-color: var(--fg-muted);
      }

      label:has(:checked) {
        border-color: var(--accent);
        background: var(--accent-soft);
        box-shadow: inset 0 0 0 1px var(--accent);
        color: var(--accent-strong);
        font-weight: 600;
      }

      label:has(:focus-visible) {
        outline: 2px solid var(--accent);
        outline-offset: 2px;
      }

      small {
        font-size: var(--text-xs);
        font-weight: 400;
        color: var(--fg-muted);
      }

      label:has(:checked) small {
        color: inherit;
      }

      input {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
        margin: 0;
        opacity: 0;
        cursor: pointer;
      }
    `,
  ];
  static override properties = {
    label: { type: String },
    value: { type: String },
    options: { attribute: false },
    wide: { type: Boolean, reflect: true },
  };
  declare label: string;
  declare value: string;
  declare options: readonly FloorOption[];
  /** Long notes: fewer beside each other. */
  declare wide: boolean;

  constructor() {
    super();
    this.label = '';
    this.value = '';
    this.options = [];
    this.wide = false;
  }

  override render() {
    return html`<fieldset>
      <legend>${this.label}</legend>
      <div class="options">
        ${this.options.map(
          ({ value, label, note }) =>
            html`<label
              ><input
                type="radio"
                name="choice"
                value=${value}
                .checked=${value === this.value}
                @change=${() => this.#choose(value)}
              />${label}${note === undefined ? nothing : html`<small>${note}</small>`}</label
            >`,
        )}
      </div>
    </fieldset>`;
  }

  #choose(value: string): void {
    this.value = value;
    this.dispatchEvent(new CustomEvent('value-change', { detail: value }));
  }
}
customElements.define('floor-choice', FloorChoice);
