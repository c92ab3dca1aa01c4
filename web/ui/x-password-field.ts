import '@vaadin/password-field';
import { css, html, LitElement } from 'lit';

/** A password, with a button that shows it. Tells `value-change` at every key stroke. */
export class XPasswordField extends LitElement {
  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };
  static override styles = css`
    :host {
      display: inline-flex;
    }

    vaadin-password-field {
      flex: 1;
      min-width: 0;
      width: 100%;
    }

    /* As large as the page wants its targets, without making the field higher. */
    vaadin-password-field-button {
      display: grid;
      place-items: center;
      min-width: var(--touch);
      min-height: var(--touch);
      margin-block: calc(var(--touch) / -2);
    }
  `;
  static override properties = {
    label: { type: String },
    value: { type: String },
    disabled: { type: Boolean },
    problem: { type: String },
    autocomplete: { type: String },
  };
  declare label: string;
  declare value: string;
  declare disabled: boolean;
  /** What is wrong with the value, shown below it; empty: nothing. */
  declare problem: string;
  declare autocomplete: 'current-password' | 'new-password';

  constructor() {
    super();
    this.label = '';
    this.value = '';
    this.disabled = false;
    this.problem = '';
    this.autocomplete = 'current-password';
  }

  override render() {
    return html`<vaadin-password-field
      label=${this.label}
      .value=${this.value}
      .autocomplete=${this.autocomplete}
      ?disabled=${this.disabled}
      manual-validation
      .invalid=${this.problem !== ''}
      .errorMessage=${this.problem}
      @value-changed=${this.#changed}
    ></vaadin-password-field>`;
  }

  readonly #changed = (event: CustomEvent<{ value: string }>): void => {
    const { value } = event.detail;
    if (value === this.value) return;
    this.value = value;
    this.dispatchEvent(new CustomEvent('value-change', { detail: value }));
  };
}
customElements.define('x-password-field', XPasswordField);
