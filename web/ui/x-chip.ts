import { css, html, LitElement } from 'lit';
import { hostStyles } from './host-styles.ts';
import { shapeOf, type Tone } from './shapes.ts';

/** A short fact with its state, in the top bar. */
export class XChip extends LitElement {
  static override styles = [
    hostStyles,
    css`
      :host {
        display: inline-flex;
        gap: 6px;
        align-items: center;
        padding: 2px 10px;
        border: 1px solid var(--line-strong);
        border-radius: 99px;
        background: var(--surface);
        font-size: var(--text-s);
        line-height: 18px;
        white-space: nowrap;
        color: var(--fg);
      }

      .shape {
        width: 8px;
        height: 8px;
        flex: none;
      }

      .ok,
      .info {
        color: var(--ok);
      }

      .warn {
        color: var(--warn);
      }

      .bad {
        color: var(--danger);
      }

      .draining {
        color: var(--accent-strong);
      }

      .plain,
      .unknown {
        color: var(--fg-muted);
      }

      span {
        display: inline-flex;
      }
    `,
  ];
  static override properties = { tone: { type: String } };
  declare tone: Tone;

  constructor() {
    super();
    this.tone = 'plain';
  }

  override render() {
    return html`<span class=${this.tone}>${shapeOf(this.tone)}</span><slot></slot>`;
  }
}
customElements.define('x-chip', XChip);
