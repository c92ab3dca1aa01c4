import '@vaadin/select';
import { css, html, LitElement } from 'lit';

export interface SelectOption {
  readonly value: string;
  readonly label: string;
}

/** The library draws an empty value as nothing chosen; here it is a choice, so it has a name. */
const anyValue = '*';

/** One of a few values, its label inside the field. Tells `value-change`. */
export class XSelect extends LitElement {
  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };
  static override styles = css`
    :host {
      display: inline-flex;
    }

    vaadin-select {
      flex: 1;
      min-width: 0;
      width: 100%;
      --vaadin-input-field-padding: 3px 9px;
    }

    vaadin-select-value-button vaadin-select-item {
      --vaadin-item-checkmark-display: none;
      --vaadin-item-padding: 0;
    }

    span {
      font-size: var(--text-s);
      color: var(--fg-muted);
      white-space: nowrap;
    }
  `;
  static override properties = {
    label: { type: String },
    value: { type: String },
    options: { attribute: false },
  };
  declare label: string;
  declare value: string;
  declare options: readonly SelectOption[];

  constructor() {
    super();
    this.label = '';
    this.value = '';
    this.options = [];
  }

  override render() {
    return html`<vaadin-select
      accessible-name=${this.label}
      .items=${this.options.map((each) => ({ ...each, value: each.value || anyValue }))}
      .value=${this.value || anyValue}
      @value-changed=${this.#changed}
      ><span slot="prefix" aria-hidden="true">${this.label}</span></vaadin-select
    >`;
  }

  readonly #changed = (event: CustomEvent<{ value: string }>): void => {
    const value = event.detail.value === anyValue ? '' : event.detail.value;
    if (value === this.value || event.detail.value === '') return;
    this.value = value;
    this.dispatchEvent(new CustomEvent('value-change', { detail: value }));
  };
}
customElements.define('x-select', XSelect);
