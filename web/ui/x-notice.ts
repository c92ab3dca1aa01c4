import { css, html, LitElement, nothing } from 'lit';
import { hostStyles } from './host-styles.ts';
import { shapeOf, type Tone } from './shapes.ts';
import { toneStyles } from './tone-styles.ts';

/**
 * Says in words why there is nothing to see, or what is wrong, and what to do: the designed form
 * of empty, failed and stale. `kind` page fills a section; banner is one line above one.
 */
export class XNotice extends LitElement {
  static override styles = [
    hostStyles,
    toneStyles,
    css`
      :host {
        display: block;
      }

      .banner {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-1) var(--space-3);
        align-items: center;
        padding: 7px var(--space-3);
        border: 1px solid var(--tone-line);
        border-radius: var(--radius);
        background: var(--tone-soft);
      }

      .banner .said {
        display: flex;
        flex: 1 1 260px;
        gap: var(--space-2);
        align-items: baseline;
      }

      .page .said {
        display: grid;
        justify-items: center;
        gap: var(--space-2);
      }

      .page {
        display: grid;
        justify-items: center;
        align-content: center;
        gap: var(--space-2);
        min-height: 220px;
        padding: var(--space-5);
        text-align: center;
      }

      .words {
        text-wrap: pretty;
      }

      .page .words {
        max-width: 46ch;
      }

      .mark {
        color: var(--tone);
      }

      .banner .mark .shape {
        width: 11px;
        height: 11px;
        vertical-align: -1px;
      }

      .page .mark {
        display: grid;
        place-items: center;
        width: 36px;
        height: 36px;
        border-radius: 99px;
        background: var(--tone-soft);
      }

      .page .mark .shape {
        width: 15px;
        height: 15px;
      }

      b {
        font-weight: 600;
      }

      .page b {
        display: block;
        font-size: var(--text-l);
      }

      .advice {
        color: var(--fg-muted);
      }

      .banner .advice {
        color: inherit;
      }
    `,
  ];
  static override properties = {
    kind: { type: String },
    tone: { type: String },
    heading: { type: String },
    advice: { type: String },
  };
  declare kind: 'page' | 'banner';
  declare tone: Extract<Tone, 'plain' | 'warn' | 'bad'>;
  declare heading: string;
  declare advice: string;

  constructor() {
    super();
    this.kind = 'page';
    this.tone = 'plain';
    this.heading = '';
    this.advice = '';
  }

  override render() {
    return html`<div
      class="${this.kind} ${this.tone}"
      role=${this.tone === 'bad' ? 'alert' : 'status'}
    >
      <div class="said">
        <span class="mark">${shapeOf(this.tone)}</span>
        <div class="words">
          <b>${this.heading}</b>
          ${this.advice === '' ? nothing : html`<span class="advice">${this.advice}</span>`}
        </div>
      </div>
      <slot></slot>
    </div>`;
  }
}
customElements.define('x-notice', XNotice);
