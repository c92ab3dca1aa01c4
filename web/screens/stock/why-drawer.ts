import type { MovementsPage } from '#contracts/api/stock-api.ts';
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { ConsoleParts } from '../../console-parts.ts';
import { problemWords } from '../../data/api-problem.ts';
import type { Loaded } from '../../data/live-resource.ts';
import { mergeAnswer } from '../../data/live-resource.ts';
import { countOf, formatCount } from '../../format/numbers.ts';
import { parseStockKey } from '../../paths.ts';
import { hostStyles } from '../../ui/host-styles.ts';
import { NowController } from '../../ui/now-controller.ts';
import { status, statusStyles } from '../../ui/status.ts';
import '../../ui/x-button.ts';
import '../../ui/x-drawer.ts';
import '../../ui/x-notice.ts';
import '../../ui/x-skeleton.ts';
import './event-evidence.ts';
import { drawMovement, movementStyles } from './movement-item.ts';
import {
  completenessWords,
  linesGive,
  recordWords,
  sumMovements,
  type StockLine,
} from './stock-model.ts';
import type { StockTotals } from './stock-pages.ts';

/** Ledger lines at the start, and with each wish for older ones. */
const linesAtOnce = 200;

/**
 * Why a figure is what it is, in three steps: the figure, the ledger lines that make it, the event
 * behind a line. Tells `go` {event} and `close`.
 */
export class WhyDrawer extends LitElement {
  static override styles = [
    hostStyles,
    statusStyles,
    movementStyles,
    css`
      :host {
        display: flex;
        min-height: 0;
      }

      .figure {
        font-size: 21px;
        font-weight: 600;
        letter-spacing: -0.02em;
      }

      .figure small {
        font-size: var(--text-s);
        font-weight: 400;
        letter-spacing: 0;
        color: var(--fg-muted);
      }

      .figure.negative {
        color: var(--danger);
      }

      x-skeleton {
        margin-top: 12px;
      }
    `,
  ];
  static override properties = {
    parts: { attribute: false },
    line: { attribute: false },
    row: { attribute: false },
    event: { attribute: false },
    totals: { attribute: false },
    lines: { state: true },
  };
  declare parts: ConsoleParts;
  /** The row, where it is among those at hand; a link may name one that is not. */
  declare line: StockLine | undefined;
  declare row: string;
  declare event: string | undefined;
  declare totals: StockTotals | undefined;
  declare lines: Loaded<MovementsPage>;
  readonly #now = new NowController(this, () => this.parts, 5000);
  #asking = new AbortController();
  #wanted = linesAtOnce;

  constructor() {
    super();
    this.lines = { state: 'loading' };
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#asking.abort();
  }

  override willUpdate(changed: PropertyValues<this>): void {
    const was = changed.get('line');
    const moved =
      changed.has('line') && was !== undefined && was.lastEvent !== this.line?.lastEvent;
    if (changed.has('row')) {
      this.lines = { state: 'loading' };
      this.#wanted = linesAtOnce;
    }
    if (changed.has('row') || moved) this.#load();
  }

  override render() {
    const key = parseStockKey(this.row);
    return html`<x-drawer
      heading=${key === undefined ? 'No such row' : key.item}
      ?back=${this.event !== undefined}
      @close=${() => this.dispatchEvent(new CustomEvent('close'))}
      @back=${() => this.#go('')}
    >
      ${
        key === undefined
          ? html`<x-notice heading="This link names no stock row"></x-notice>`
          : html`<div slot="subtitle" class="muted">
                ${key.site} · ${key.zone} · ${key.status.replaceAll('-', ' ')} · owner
                ${key.owner}${key.lot === null ? '' : ` · lot ${key.lot}`}
              </div>
              ${
                this.event === undefined
                  ? this.#why()
                  : html`<event-evidence
                      .parts=${this.parts}
                      .event=${this.event}
                    ></event-evidence>`
              }`
      }
    </x-drawer>`;
  }

  #why(): TemplateResult {
    return html`${this.#figure()}
    ${
      this.lines.state === 'loading'
        ? html`<x-skeleton rows="4" label="Loading ledger lines"></x-skeleton>`
        : this.lines.state === 'failed'
          ? this.#failed(this.lines.problem)
          : this.#list(this.lines.value)
    }`;
  }

  #figure(): TemplateResult | typeof nothing {
    const { line, totals } = this;
    if (line === undefined) return this.#figureOfLines();
    const { tone, words, hover } = recordWords(line.record, this.#now.ms);
    const behind = totals?.completeness.behind.filter(({ site }) => site === line.site) ?? [];
    return html`${this.#amount(line.quantity, status(tone, words, hover))}
    ${
      totals === undefined
        ? nothing
        : html`<p class="muted">
            ${completenessWords({ ...totals.completeness, behind }, this.#now.ms)}
          </p>`
    }
    ${
      line.quantity < 0
        ? html`<p>
            More left than was known to be there. Physical facts are posted as they come; this is a
            discrepancy to look into.
          </p>`
        : nothing
    }`;
  }

  /** The row has moved on, holds nothing, or is filtered out: its lines still say what it comes to. */
  #figureOfLines(): TemplateResult | typeof nothing {
    if (this.lines.state !== 'ready') return nothing;
    const { rows, total } = this.lines.value;
    const { inQuantity, outQuantity, whole } = sumMovements(rows, total);
    const mark = status('plain', 'not in the list', 'It holds nothing now, or is filtered out');
    return whole ? this.#amount(inQuantity - outQuantity, mark) : mark;
  }

  #amount(quantity: number, mark: TemplateResult): TemplateResult {
    return html`<div class="figure ${quantity < 0 ? 'negative' : ''}">
      ${formatCount(quantity)} <small>${quantity === 1 ? 'unit' : 'units'}</small> ${mark}
    </div>`;
  }

  #list({ rows, total, nextCursor }: MovementsPage): TemplateResult {
    const { inQuantity, outQuantity, whole } = sumMovements(rows, total);
    const sum = `${formatCount(inQuantity)} in − ${formatCount(outQuantity)} out`;
    const lead = whole
      ? `${formatCount(inQuantity - outQuantity)} = ${sum} over ${countOf(total, 'ledger line')}`
      : `The newest ${formatCount(rows.length)} of ${countOf(total, 'ledger line')}: ${sum}`;
    const line = this.line;
    return html`<h3 class="lead">${lead}</h3>
      ${
        line === undefined || linesGive(line, rows, total)
          ? nothing
          : html`<p>${status('bad', 'the lines do not give the figure', 'Report this')}</p>`
      }
      <ol class="why">
        ${rows.map((movement) => drawMovement(movement, this.#now.ms, (event) => this.#go(event)))}
      </ol>
      ${
        nextCursor === null
          ? nothing
          : html`<x-button @click=${() => this.#loadMore()}>Load older lines</x-button>`
      }`;
  }

  #failed(problem: Parameters<typeof problemWords>[0]): TemplateResult {
    const { title, advice } = problemWords(problem);
    return html`<x-notice tone="bad" heading=${title} advice=${advice}>
      <x-button @click=${() => this.#load()}>Try again</x-button>
    </x-notice>`;
  }

  #loadMore(): void {
    this.#wanted += linesAtOnce;
    this.#load();
  }

  #load(): void {
    const key = parseStockKey(this.row);
    if (key === undefined) return;
    this.#asking.abort();
    const asking = new AbortController();
    this.#asking = asking;
    void this.parts.stock.movements(key, this.#wanted, asking.signal).then((answer) => {
      if (!asking.signal.aborted) this.lines = mergeAnswer(this.lines, answer);
    });
  }

  #go(event: string): void {
    this.dispatchEvent(new CustomEvent('go', { detail: { event } }));
  }
}
customElements.define('why-drawer', WhyDrawer);
