import { css, html, LitElement } from 'lit';

/** Stands where rows will be while they load. */
export class XSkeleton extends LitElement {
  static override styles = css`
    :host {
      display: block;
      border: 1px solid var(--line);
      border-radius: var(--radius-l);
      background: var(--surface);
      overflow: hidden;
    }

    .row {
      display: flex;
      gap: 20px;
      align-items: center;
      height: var(--row-height);
      padding: 0 10px;
      border-top: 1px solid var(--line);
    }

    .row:first-child {
      border-top: 0;
    }

    i {
      flex: 2;
      height: 9px;
      border-radius: 4px;
      background: var(--line);
      animation: breathe 1.6s ease-in-out infinite;
    }

    i:nth-child(2n) {
      flex: 3;
    }

    i:nth-child(3n) {
      flex: 1;
    }

    @keyframes breathe {
      50% {
        opacity: 0.45;
      }
    }

    @media (prefers-reduced-motion: reduce) {
      i {
        animation: none;
      }
    }
  `;
  static override properties = { rows: { type: Number }, label: { type: String } };
  declare rows: number;
  declare label: string;

  constructor() {
    super();
    this.rows = 8;
    this.label = 'Loading';
  }

  override render() {
    const cells = html`<i></i><i></i><i></i><i></i><i></i><i></i>`;
    return html`<div role="status" aria-label=${this.label}>
      ${Array.from({ length: this.rows }, () => html`<div class="row">${cells}</div>`)}
    </div>`;
  }
}
customElements.define('x-skeleton', XSkeleton);
