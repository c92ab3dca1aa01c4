import '@vaadin/text-field';
import type { TextField } from '@vaadin/text-field';
import { css, html, LitElement, nothing } from 'lit';

/**
 * One line of text. `inline` shows the label inside the field, for tool bars.
 * Tells `value-change` with the text at every key stroke.
 */
export class XTextField extends LitElement {
  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };
  static override styles = css`
    :host {
      display: inline-flex;
    }

    vaadin-text-field {
      flex: 1;
      min-width: 0;
      width: 100%;
    }

    span {
      font-size: var(--text-s);
      color: var(--fg-muted);
      white-space: nowrap;
    }

    [inline] {
      --vaadin-input-field-padding: 3px 9px;
    }
  `;
  static override properties = {
    label: { type: String },
    value: { type: String },
    inline: { type: Boolean },
    placeholder: { type: String },
    autocomplete: { type: String },
    disabled: { type: Boolean },
    problem: { type: String },
    digits: { type: Boolean },
  };
  declare label: string;
  declare value: string;
  declare inline: boolean;
  declare placeholder: string;
  declare autocomplete: string;
  declare disabled: boolean;
  /** What is wrong with the value, shown below it; empty: nothing. */
  declare problem: string;
  /** Offers digits first where keys are drawn on the screen. */
  declare digits: boolean;

  constructor() {
    super();
    this.label = '';
    this.value = '';
    this.inline = false;
    this.placeholder = '';
    this.autocomplete = 'off';
    this.disabled = false;
    this.problem = '';
    this.digits = false;
  }

  override render() {
    return html`<vaadin-text-field
      label=${this.inline ? nothing : this.label}
      accessible-name=${this.inline ? this.label : nothing}
      ?inline=${this.inline}
      .value=${this.value}
      .placeholder=${this.placeholder}
      .autocomplete=${this.autocomplete}
      ?disabled=${this.disabled}
      manual-validation
      .invalid=${this.problem !== ''}
      .errorMessage=${this.problem}
      inputmode=${this.digits ? 'numeric' : nothing}
      ?clear-button-visible=${this.inline && this.value !== ''}
      @value-changed=${this.#changed}
      >${this.inline ? html`<span slot="prefix" aria-hidden="true">${this.label}</span>` : nothing}
    </vaadin-text-field>`;
  }

  readonly #changed = (event: CustomEvent<{ value: string }>): void => {
    const { value } = event.detail;
    if (value === this.value || !(event.target as TextField).isConnected) return;
    this.value = value;
    this.dispatchEvent(new CustomEvent('value-change', { detail: value }));
  };
}
customElements.define('x-text-field', XTextField);
