import { css, html, LitElement, nothing } from 'lit';
import { countOf } from '../../format/numbers.ts';
import { hostStyles } from '../../ui/host-styles.ts';

export interface FloorOption {
  readonly value: string;
  readonly label: string;
  readonly note?: string;
}

/** More than this, and a person looks for it by typing a part of its name. */
const mostShown = 12;

/**
 * One of some, each as large as a finger in a glove: a group of native radio buttons. Of many only
 * those are shown that hold what was typed, and what is chosen. Tells `value-change`.
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

      .search {
        display: block;
        width: 100%;
        min-height: var(--touch);
        margin-bottom: var(--space-2);
        padding: 0 12px;
        border: 1px solid var(--control-line);
        border-radius: var(--radius);
        background: var(--surface);
        color: inherit;
        font: inherit;
      }

      .search::placeholder {
        color: var(--fg-muted);
        opacity: 1;
      }

      p {
        margin-top: 6px;
        color: var(--fg-muted);
        font-size: var(--text-s);
      }

      small {
        font-size: var(--text-xs);
        font-weight: 400;
        color: var(--fg-muted);
      }

      label:has(:checked) small {
        color: inherit;
      }

      label input {
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
    sought: { state: true },
  };
  declare label: string;
  declare value: string;
  declare options: readonly FloorOption[];
  /** Long notes: fewer beside each other. */
  declare wide: boolean;
  declare sought: string;

  constructor() {
    super();
    this.label = '';
    this.value = '';
    this.options = [];
    this.wide = false;
    this.sought = '';
  }

  override render() {
    const { shown, hidden } = this.#shown();
    return html`<fieldset>
      <legend>${this.label}</legend>
      ${
        this.options.length <= mostShown
          ? nothing
          : html`<input
              class="search"
              type="search"
              aria-label="Look for: ${this.label}"
              placeholder="type a part of its name"
              autocomplete="off"
              spellcheck="false"
              .value=${this.sought}
              @input=${(event: Event) => (this.sought = (event.target as HTMLInputElement).value)}
            />`
      }
      <div class="options">
        ${shown.map(
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
      ${hidden === 0 ? nothing : html`<p>and ${countOf(hidden, 'more', 'more')}: type a part of the name</p>`}
      ${shown.length === 0 ? html`<p>None has “${this.sought}” in its name.</p>` : nothing}
    </fieldset>`;
  }

  #shown(): { readonly shown: readonly FloorOption[]; readonly hidden: number } {
    if (this.options.length <= mostShown) return { shown: this.options, hidden: 0 };
    const sought = this.sought.trim().toLowerCase();
    const fitting = this.options.filter(({ label }) => label.toLowerCase().includes(sought));
    const chosen = this.options.find(({ value }) => value === this.value);
    const first = fitting.slice(0, mostShown);
    const shown =
      chosen === undefined || first.includes(chosen) ? first : [chosen, ...first.slice(0, -1)];
    return { shown, hidden: fitting.length - first.length };
  }

  #choose(value: string): void {
    this.value = value;
    this.dispatchEvent(new CustomEvent('value-change', { detail: value }));
  }
}
customElements.define('floor-choice', FloorChoice);
