import { css, html, LitElement, nothing } from 'lit';
import { hostStyles } from '../../ui/host-styles.ts';
import type { ScanListener } from '../scan/scan-listener.ts';
import '../../ui/x-button.ts';

/**
 * Says what to scan, and takes a number that cannot be scanned: typed and sent off, it goes the way
 * of a scan. Scanning works wherever the focus is; this is not the place for it.
 */
export class FloorScanBox extends LitElement {
  static override styles = [
    hostStyles,
    css`
      :host {
        display: block;
        padding: 14px;
        background: var(--accent-soft);
        border: 1px solid var(--accent);
        border-radius: var(--radius-l);
      }

      .prompt {
        display: flex;
        gap: 10px;
        align-items: center;
        margin-bottom: 10px;
        font-weight: 600;
      }

      svg {
        flex: none;
        width: 26px;
        height: 20px;
        color: var(--accent-strong);
      }

      .row {
        display: flex;
        gap: var(--space-2);
        align-items: stretch;
      }

      input {
        flex: 1;
        min-width: 0;
        padding: 0 12px;
        border: 1px solid var(--control-line);
        border-radius: var(--radius);
        background: var(--surface);
        color: inherit;
        font: inherit;
      }

      input::placeholder {
        color: var(--fg-muted);
        opacity: 1;
      }

      x-button {
        min-height: var(--touch);
      }

      .busy {
        margin-top: 8px;
        color: var(--fg-muted);
        font-size: var(--text-s);
        overflow-wrap: anywhere;
      }
    `,
  ];
  static override properties = {
    scanner: { attribute: false },
    prompt: { type: String },
    hint: { type: String },
    looking: { type: String },
    value: { state: true },
  };
  declare scanner: ScanListener;
  /** What is wanted, as a request: `Scan what moves`. */
  declare prompt: string;
  declare hint: string;
  /** What the gateway is being asked about; empty: nothing. */
  declare looking: string;
  declare value: string;

  constructor() {
    super();
    this.prompt = 'Scan';
    this.hint = 'or type a number';
    this.looking = '';
    this.value = '';
  }

  override render() {
    return html`<div class="prompt">
        <svg viewBox="0 0 26 20" fill="currentColor" aria-hidden="true">
          <path
            d="M0 0h3v20H0zM5 0h1.5v20H5zM8.5 0H12v20H8.5zM14 0h1.5v20H14zM17.5 0H21v20h-3.5zM23 0h1.2v20H23z"
          />
        </svg>
        ${this.prompt}
      </div>
      <div class="row" @keydown=${this.#pressed}>
        <input
          aria-label=${this.prompt}
          placeholder=${this.hint}
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
          enterkeyhint="go"
          .value=${this.value}
          @input=${(event: Event) => (this.value = (event.target as HTMLInputElement).value)}
        />
        <x-button ?disabled=${this.value.trim() === ''} @click=${this.#send}>OK</x-button>
      </div>
      <div role="status">
        ${this.looking === '' ? nothing : html`<div class="busy">Looking up ${this.looking} …</div>`}
      </div>`;
  }

  readonly #pressed = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !(event.composedPath()[0] instanceof HTMLInputElement)) return;
    event.preventDefault();
    this.#send();
  };

  readonly #send = (): void => {
    const text = this.value.trim();
    if (text === '') return;
    this.value = '';
    this.scanner.give(text);
  };
}
customElements.define('floor-scan-box', FloorScanBox);
