import '@vaadin/button';
import { css, html, LitElement, nothing } from 'lit';

/**
 * A button. `kind` primary is the one thing the screen is for; quiet is for tools; danger takes
 * something away from somebody.
 */
export class XButton extends LitElement {
  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };
  static override styles = css`
    :host {
      display: inline-flex;
    }

    vaadin-button {
      flex: 1;
      --vaadin-icon-size: 16px;
    }

    vaadin-button[theme~='primary'] {
      --vaadin-button-background: var(--accent);
      --vaadin-button-text-color: var(--accent-fg);
      --vaadin-button-border-color: var(--accent);
      --vaadin-button-padding: 6px 14px;
      --vaadin-button-font-size: var(--text-m);
    }

    vaadin-button[theme~='danger'] {
      --vaadin-button-background: var(--danger);
      --vaadin-button-text-color: var(--surface);
      --vaadin-button-border-color: var(--danger);
    }

    vaadin-button[theme~='tertiary'] {
      --vaadin-button-padding: 4px 6px;
      --vaadin-button-text-color: var(--fg-muted);
    }

    vaadin-button:hover {
      --vaadin-button-border-color: var(--fg-muted);
    }

    vaadin-button[aria-pressed='true'] {
      --vaadin-button-background: var(--accent-soft);
      --vaadin-button-border-color: var(--accent);
      --vaadin-button-text-color: var(--accent-strong);
    }
  `;
  static override properties = {
    kind: { type: String },
    label: { type: String },
    hover: { type: String },
    pressed: { type: Boolean },
    disabled: { type: Boolean },
  };
  declare kind: 'plain' | 'primary' | 'quiet' | 'danger';
  /** The accessible name, where the content is only an icon. */
  declare label: string | undefined;
  declare hover: string | undefined;
  /** For a toggle: whether it is on. */
  declare pressed: boolean | undefined;
  declare disabled: boolean;

  constructor() {
    super();
    this.kind = 'plain';
    this.disabled = false;
  }

  override render() {
    const theme = { plain: '', primary: 'primary', danger: 'danger', quiet: 'tertiary' }[this.kind];
    return html`<vaadin-button
      theme=${theme}
      aria-label=${this.label ?? nothing}
      aria-pressed=${this.pressed === undefined ? nothing : String(this.pressed)}
      title=${this.hover ?? nothing}
      ?disabled=${this.disabled}
      ><slot></slot
    ></vaadin-button>`;
  }
}
customElements.define('x-button', XButton);
