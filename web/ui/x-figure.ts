import { css, html, LitElement } from 'lit';
import { hostStyles } from './host-styles.ts';
import { statusStyles, unknown } from './status.ts';

/** One figure with what it counts and a word of context. `null` is unknown and drawn hatched. */
export class XFigure extends LitElement {
  static override styles = [
    hostStyles,
    statusStyles,
    css`
      :host {
        display: block;
        padding: 10px var(--space-4);
        min-width: 0;
      }

      .label,
      .note {
        display: block;
        color: var(--fg-muted);
        font-size: var(--text-s);
      }

      strong {
        display: block;
        margin: 1px 0;
        font-size: 21px;
        font-weight: 600;
        letter-spacing: -0.02em;
        line-height: 1.35;
      }

      .unknown:not(.status) {
        width: 72px;
        height: 18px;
      }
    `,
  ];
  static override properties = {
    label: { type: String },
    value: { attribute: false },
    why: { type: String },
  };
  declare label: string;
  declare value: string | null;
  /** Why the value is unknown. */
  declare why: string;

  constructor() {
    super();
    this.label = '';
    this.value = null;
    this.why = 'no report yet';
  }

  override render() {
    return html`<span class="label">${this.label}</span>
      <strong>${this.value ?? unknown(this.why)}</strong>
      <span class="note"><slot></slot></span>`;
  }
}
customElements.define('x-figure', XFigure);
