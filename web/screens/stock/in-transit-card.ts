import type { InTransitPage, InTransitRow, LaneRow } from '#contracts/api/in-transit-api.ts';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import type { ConsoleParts } from '../../console-parts.ts';
import { countOf, formatCount } from '../../format/numbers.ts';
import { formatMinute, formatMoment } from '../../format/times.ts';
import { hostStyles } from '../../ui/host-styles.ts';
import { NowController } from '../../ui/now-controller.ts';
import { status, statusStyles } from '../../ui/status.ts';
import '../../ui/x-button.ts';
import { inTransitOf, inTransitWords, laneWords } from './in-transit-model.ts';

const cardStyles = css`
  :host {
    flex: none;
  }

  details {
    padding: var(--space-2) var(--space-3);
  }

  summary {
    cursor: pointer;
  }

  summary strong,
  summary .muted {
    margin-right: var(--space-2);
  }

  .scroll {
    max-height: 40vh;
    overflow: auto;
  }

  table {
    width: 100%;
    margin-top: var(--space-2);
    border-collapse: collapse;
    font-size: var(--text-s);
  }

  th,
  td {
    padding: 4px 10px 4px 0;
    border-top: 1px solid var(--line);
    text-align: left;
    white-space: nowrap;
  }

  th {
    color: var(--fg-muted);
    font-weight: 500;
  }

  .number {
    padding-right: 24px;
    text-align: right;
    font-variant-numeric: tabular-nums;
  }
`;

/** What is on its way between gateways, as far as site and item are asked for. */
export class InTransitCard extends LitElement {
  static override styles = [hostStyles, statusStyles, cardStyles];
  static override properties = {
    parts: { attribute: false },
    site: { attribute: false },
    item: { attribute: false },
  };
  declare parts: ConsoleParts;
  declare site: string | undefined;
  declare item: string | undefined;
  readonly #now = new NowController(this, () => this.parts, 10_000);
  #end: () => void = () => {};

  override connectedCallback(): void {
    super.connectedCallback();
    this.#end = this.parts.inTransit.subscribe(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#end();
  }

  /** With nothing to show it takes no room, and no gap, in its screen. */
  override willUpdate(): void {
    const { loaded } = this.parts.inTransit;
    const lanes = loaded.state === 'ready' ? this.#shown(loaded.value).lanes.length : 0;
    this.hidden = loaded.state !== 'failed' && lanes === 0;
  }

  override render(): TemplateResult | typeof nothing {
    const { loaded } = this.parts.inTransit;
    if (this.hidden || loaded.state === 'loading') return nothing;
    if (loaded.state === 'failed') {
      return html`<p class="muted" role="status">
        What is in transit cannot be shown just now.
        <x-button kind="quiet" @click=${() => this.parts.inTransit.reload()}>Try again</x-button>
      </p>`;
    }
    const { problem, value } = loaded;
    const { lanes, rows } = this.#shown(value);
    const more = value.total - value.rows.length;
    return html`<details class="card">
      <summary>
        <strong>In transit</strong
        ><span class="muted">${inTransitWords(lanes, this.#now.ms)}</span> ${
          problem === undefined
            ? nothing
            : status('warn', `as of ${formatMoment(value.asOfMs, this.#now.ms)}`, staleHover)
        }
      </summary>
      <div class="scroll" tabindex="0" role="region" aria-label="In transit">
        ${this.#lanes(lanes)} ${this.#rows(lanes, rows)}
        ${
          more === 0
            ? nothing
            : html`<p class="muted">
                Listed are the ${formatCount(value.rows.length)} longest on their way, of
                ${formatCount(value.total)}.
              </p>`
        }
      </div>
    </details>`;
  }

  #shown(of: InTransitPage): ReturnType<typeof inTransitOf> {
    return inTransitOf(of, this.site, this.item);
  }

  #lanes(lanes: readonly LaneRow[]): TemplateResult {
    return html`<table>
      <thead>
        <tr>
          <th scope="col">Lane</th>
          <th scope="col" class="number">On its way</th>
          <th scope="col">Open transfers</th>
          <th scope="col">Longest since</th>
          <th scope="col">State</th>
        </tr>
      </thead>
      <tbody>
        ${lanes.map(
          (lane) =>
            html`<tr>
              <td>${laneWords(lane)}</td>
              <td class="number">${formatCount(lane.onTheWay)}</td>
              <td>${formatCount(lane.transfers)}</td>
              <td>${formatMinute(lane.since, this.#now.ms)}</td>
              <td>
                ${
                  lane.notSent === 0
                    ? status('info', 'on its way')
                    : status('warn', `${formatCount(lane.notSent)} not sent`, notSentHover)
                }
              </td>
            </tr>`,
        )}
      </tbody>
    </table>`;
  }

  #rows(lanes: readonly LaneRow[], rows: readonly InTransitRow[]): TemplateResult {
    const names = new Map(lanes.map((lane) => [lane.lane, laneWords(lane)]));
    return html`<table>
      <caption class="visually-hidden">
        ${countOf(rows.length, 'row')}, the longest on its way first
      </caption>
      <thead>
        <tr>
          <th scope="col">Item</th>
          <th scope="col">Lot, unit or EPC</th>
          <th scope="col">Owner</th>
          <th scope="col" class="number">Quantity</th>
          <th scope="col">Since</th>
          <th scope="col">Lane</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              <td>${row.item}</td>
              <td>
                ${[row.lot, row.handlingUnit, row.epc].filter((of) => of !== null).join(' · ')}
              </td>
              <td>${row.owner}</td>
              <td class="number">${formatCount(row.quantity)}</td>
              <td>${formatMinute(row.since, this.#now.ms)}</td>
              <td>${names.get(row.lane)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
  }
}
customElements.define('in-transit-card', InTransitCard);

const staleHover = 'It could not be had anew; these are the last figures known';
const notSentHover = 'It arrived, and nothing says that it left; the site is asked';
