import { adjustReasons } from '#contracts/acts.ts';
import type { FloorStockRow } from '#contracts/api/floor-api.ts';
import { html, nothing, type TemplateResult } from 'lit';
import { formatCount, formatSigned } from '../../format/numbers.ts';
import { formatMinute } from '../../format/times.ts';
import { adjustLimit } from '../acts/adjust-limit.ts';
import { adjustReasonWords } from '../words/act-words.ts';
import { SubjectScreen } from './subject-screen.ts';

type AdjustReason = (typeof adjustReasons)[number];

/** Puts the book right by a signed quantity, within what is left of the person's limits. */
export class AdjustScreen extends SubjectScreen {
  static override properties = { sign: { state: true }, reason: { state: true } };
  declare sign: '-' | '+';
  declare reason: AdjustReason | '';

  constructor() {
    super();
    this.sign = '-';
    this.reason = '';
  }

  protected override mostOf(row: FloorStockRow | undefined): number | undefined {
    const held = this.sign === '-' ? super.mostOf(row) : undefined;
    const limit = adjustLimit(this.session).most;
    if (limit === undefined) return held;
    return Math.max(1, held === undefined ? limit : Math.min(held, limit));
  }

  override render() {
    return html`<div class="columns">
      <div>
        ${this.scanBox('Scan what the book has wrong')} ${this.resultPart()} ${this.subjectPart()}
        ${this.subject === undefined ? nothing : this.#doPart()}
      </div>
      <div>${this.#limitPart()}</div>
    </div>`;
  }

  #limitPart(): TemplateResult {
    const { lease } = this.session;
    if (lease === null) {
      return html`<x-notice
        kind="banner"
        tone="warn"
        heading="Nothing lets you adjust here."
        advice="Ask a supervisor for a limit."
      ></x-notice>`;
    }
    const nowMs = this.parts.hubTime.nowMs();
    return html`<section class="card" aria-label="Your limit">
      <h2>Your limit</h2>
      <div class="form">
        <dl class="facts">
          <dt>Left</dt>
          <dd>
            <b>${formatCount(lease.leftUnits)}</b> of ${formatCount(lease.limitCumulative)} units
          </dd>
          <dt>At once</dt>
          <dd>${formatCount(lease.limitPerEntry)} units</dd>
          ${
            lease.leftValueMinor === null
              ? nothing
              : html`<dt>Value left</dt>
                  <dd>${formatCount(Math.floor(lease.leftValueMinor / 100))}</dd>`
          }
          <dt>Until</dt>
          <dd>${formatMinute(lease.validUntilMs, nowMs)}</dd>
        </dl>
        <p class="note">
          It holds with the hub away too. What is beyond it,
          ${
            this.session.role === 'supervisor'
              ? 'somebody with a higher limit adjusts; the office may raise yours.'
              : 'a supervisor adjusts.'
          }
        </p>
      </div>
    </section>`;
  }

  #doPart(): TemplateResult | typeof nothing {
    if (this.subject?.type !== 'goods') {
      return html`<x-notice
        kind="banner"
        tone="warn"
        heading="A whole unit cannot be adjusted."
        advice="Scan an item in it, or count the zone."
      ></x-notice>`;
    }
    const { signed, missing } = this.#plan();
    const from = this.row?.zone ?? '';
    const doing = `Adjust ${this.subject.item} in ${from} by ${formatSigned(signed ?? 0)}`;
    return html`<section class="card" aria-label="What is wrong">
      <div class="form">
        <floor-choice
          label="There is"
          .value=${this.sign}
          .options=${[
            { value: '-', label: 'Less than the book says' },
            { value: '+', label: 'More than the book says' },
          ]}
          @value-change=${(event: CustomEvent<'-' | '+'>) => (this.sign = event.detail)}
        ></floor-choice>
        <floor-choice
          label="Why"
          .value=${this.reason}
          .options=${adjustReasons.map((value) => ({ value, label: adjustReasonWords[value] }))}
          @value-change=${(event: CustomEvent<AdjustReason>) => (this.reason = event.detail)}
        ></floor-choice>
        <x-button
          class="wide"
          kind=${missing === undefined ? 'primary' : 'plain'}
          ?disabled=${missing !== undefined || this.act.busy}
          @click=${() => this.#do(doing)}
          >${this.act.busy ? 'Sending…' : (missing ?? doing)}</x-button
        >
      </div>
    </section>`;
  }

  #plan(): { signed: number | undefined; missing: string | undefined } {
    const quantity = this.picked?.quantity;
    const signed = quantity === undefined ? undefined : this.sign === '-' ? -quantity : quantity;
    const limit = adjustLimit(this.session);
    const beyond =
      quantity !== undefined && limit.most !== undefined && quantity > limit.most
        ? limit.why
        : undefined;
    const missing =
      this.forbids('adjust') ??
      limit.none ??
      this.missing ??
      beyond ??
      (this.reason === '' ? 'Say why' : undefined);
    return { signed, missing };
  }

  #do(title: string): void {
    const { row, picked, reason } = this;
    const { signed } = this.#plan();
    if (row === undefined || picked === undefined || signed === undefined || reason === '') return;
    const { task } = this.view;
    const run = this.act.run(title, {
      type: 'adjust',
      zone: row.zone,
      status: row.status,
      item: row.item,
      owner: row.owner,
      quantity: signed,
      reason,
      ...(row.lot === null ? {} : { lot: row.lot }),
      ...(row.handlingUnit === null ? {} : { handlingUnit: row.handlingUnit }),
      ...(picked.serials.length === 0 ? {} : { serials: [...picked.serials] }),
      ...(task === undefined ? {} : { task }),
    });
    void run.then((result) => {
      if (result?.type !== 'applied' && result?.type !== 'waiting') return;
      this.reset();
      this.reason = '';
      // What is left of the limit comes with the session.
      void this.parts.session.check();
    });
  }
}
customElements.define('adjust-screen', AdjustScreen);
