import type { SitePersonRow } from '#contracts/api/site-people-api.ts';
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { problemWords } from '../../data/api-problem.ts';
import type { SitePeopleData } from '../../data/site-people-data.ts';
import { formatDuration, formatMinute } from '../../format/times.ts';
import { hostStyles } from '../../ui/host-styles.ts';
import type { XButton } from '../../ui/x-button.ts';
import '../../ui/x-button.ts';
import '../../ui/x-select.ts';
import { personFormStyles } from './person-form-styles.ts';

const hourMs = 3_600_000;
const earlier: readonly number[] = [0, 1, 4, 8, 24, 72, 168].map((hours) => hours * hourMs);

/** Ends somebody's rights, once it was said what that does and confirmed. Tells `revoked`. */
export class PersonRevocation extends LitElement {
  static override styles = [
    hostStyles,
    personFormStyles,
    css`
      .confirm {
        padding: var(--space-3);
        border: 1px solid var(--danger-mark);
        border-radius: var(--radius);
        background: var(--danger-soft);
      }
    `,
  ];
  static override properties = {
    data: { attribute: false },
    person: { attribute: false },
    nowMs: { type: Number },
    _asking: { state: true },
    _agoMs: { state: true },
    _problem: { state: true },
    _busy: { state: true },
  };
  declare data: SitePeopleData;
  declare person: SitePersonRow;
  /** The hub's time. */
  declare nowMs: number;
  declare _asking: boolean;
  /** How long ago the rights ended. */
  declare _agoMs: number;
  declare _problem: string;
  declare _busy: boolean;

  constructor() {
    super();
    this.nowMs = 0;
    this._asking = false;
    this._agoMs = 0;
    this._problem = '';
    this._busy = false;
  }

  /** The focus goes along; first to what changes nothing. */
  override updated(changed: PropertyValues): void {
    if (!changed.has('_asking') || changed.get('_asking') === undefined) return;
    const wanted = this._asking ? 'x-button[kind="quiet"]' : 'x-button';
    const button = this.renderRoot.querySelector<XButton>(wanted);
    void button?.updateComplete.then(() => button.focus());
  }

  override render() {
    if (!this._asking) {
      return html`<x-button @click=${() => (this._asking = true)}>End their rights…</x-button>`;
    }
    const { credentialUntil, name, sites } = this.person;
    const at = this._agoMs === 0 ? 'now' : formatMinute(this.nowMs - this._agoMs, this.nowMs);
    return html`<div class="part confirm" role="group" aria-label="End the rights of ${name}">
      <p>
        <b>${name}</b> may do nothing more at ${sites.join(', ') || 'any site'}. What they do or did
        from ${at} on is kept, marked and reviewed.
      </p>
      <p class="muted">
        A gateway that does not hear of the hub lets them in until
        ${formatMinute(credentialUntil, this.nowMs)}.
      </p>
      <x-select
        label="From"
        .options=${earlier.map((ms) => ({
          value: String(ms),
          label: ms === 0 ? 'now' : `${formatDuration(ms)} ago`,
        }))}
        .value=${String(this._agoMs)}
        @value-change=${(event: CustomEvent<string>) => (this._agoMs = Number(event.detail))}
      ></x-select>
      ${this._problem === '' ? nothing : html`<p class="problem" role="alert">${this._problem}</p>`}
      <div class="row">
        <x-button kind="danger" ?disabled=${this._busy} @click=${() => void this.#revoke()}
          >End the rights of ${name}</x-button
        >
        <x-button kind="quiet" @click=${() => (this._asking = false)}>Keep them</x-button>
      </div>
    </div>`;
  }

  async #revoke(): Promise<void> {
    this._busy = true;
    this._problem = '';
    const at = this._agoMs === 0 ? undefined : Math.floor(this.nowMs - this._agoMs);
    const answer = await this.data.revoke(this.person.id, at);
    this._busy = false;
    if (answer.ok) {
      this._asking = false;
      this.dispatchEvent(new CustomEvent('revoked'));
      return;
    }
    const { advice, title } = problemWords(answer.problem);
    this._problem = `Not ended. ${title}. ${advice}`;
  }
}
customElements.define('person-revocation', PersonRevocation);
