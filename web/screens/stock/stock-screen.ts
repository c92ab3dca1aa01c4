import { stockStatuses } from '#contracts/posting.ts';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { ConsoleParts } from '../../console-parts.ts';
import { countOf } from '../../format/numbers.ts';
import { readStockView, stockPath, type StockView } from '../../paths.ts';
import { pageFreshness } from '../../shell/live-status.ts';
import { failedCard, staleBanner } from '../../shell/problem-notices.ts';
import { besideStyles } from '../../ui/beside-styles.ts';
import type { GridSort } from '../../ui/grid-column.ts';
import { hostStyles, screenStyles } from '../../ui/host-styles.ts';
import { NowController } from '../../ui/now-controller.ts';
import { statusStyles } from '../../ui/status.ts';
import '../../ui/x-button.ts';
import '../../ui/x-grid.ts';
import '../../ui/x-notice.ts';
import '../../ui/x-select.ts';
import '../../ui/x-skeleton.ts';
import '../../ui/x-text-field.ts';
import { stockCellParts, stockColumns } from './stock-columns.ts';
import { completenessWords, completeToMs, filterValues, type StockLine } from './stock-model.ts';
import { StockPages, type StockFilter, type StockTotals } from './stock-pages.ts';
import { stockStyles } from './stock-styles.ts';
import './in-transit-card.ts';
import './why-drawer.ts';

/** Stock by site, zone, item: a live grid, and behind each figure its lines and their evidence. */
export class StockScreen extends LitElement {
  static override styles = [hostStyles, screenStyles, statusStyles, besideStyles, stockStyles];
  static override properties = { parts: { attribute: false } };
  declare parts: ConsoleParts;
  readonly #now = new NowController(this, () => this.parts, 2000);
  #pages: StockPages | undefined;
  #pointerInside = false;
  #zones = new Set<string>();
  #unsubscribe: (() => void)[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    const { router, stock, fleet } = this.parts;
    this.#unsubscribe = [
      router.changed.add(() => this.requestUpdate()),
      stock.onChange(() => this.#pages?.announced()),
      fleet.subscribe(() => this.requestUpdate()),
    ];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const end of this.#unsubscribe) end();
    this.#pages?.stop();
    this.#pages = undefined;
  }

  override willUpdate(): void {
    const filter = filterOf(this.#view);
    if (this.#pages !== undefined && sameFilter(this.#pages.filter, filter)) return;
    this.#pages?.stop();
    const held = () => this.#pointerInside || this.#grid?.matches(':focus-within') === true;
    const pages = new StockPages(this.parts.clock, this.parts.stock, filter, held);
    pages.changed.add(() => this.requestUpdate());
    this.#pages = pages;
    void pages.start();
  }

  override render() {
    const view = this.#view;
    return html`${this.#head()} ${this.#filters(view)}
      <in-transit-card .parts=${this.parts} .site=${view.site} .item=${view.item}></in-transit-card>
      <div class="body">
        ${this.#rows(view)}
        ${
          view.row === undefined
            ? nothing
            : html`<why-drawer
                class="drawer"
                .parts=${this.parts}
                .line=${this.#pages?.find(view.row)}
                .row=${view.row}
                .event=${view.event}
                .totals=${this.#totals}
                @go=${(event: CustomEvent<Partial<StockView>>) => this.#go(event.detail)}
                @close=${() => this.#close()}
              ></why-drawer>`
        }
      </div>`;
  }

  get #view(): StockView {
    return readStockView(this.parts.router.params);
  }

  get #grid(): HTMLElement | null {
    return this.renderRoot.querySelector('x-grid');
  }

  /** The totals with the moment to which they are complete by now. */
  get #totals(): StockTotals | undefined {
    const { totals, settled } = this.#pages ?? {};
    if (totals === undefined) return undefined;
    const { completeness } = totals;
    const lastTickMs = settled === true ? this.parts.stream.lastTickMs : undefined;
    const pageAsOfMs = pageFreshness(this.parts, this.#now.ms).asOfMs;
    const asOfMs = completeToMs(completeness.asOfMs, lastTickMs, pageAsOfMs);
    return { ...totals, completeness: { ...completeness, asOfMs } };
  }

  #head(): TemplateResult {
    const totals = this.#totals;
    const problem = this.#pages?.problem;
    return html`<div class="head">
        <h1>Stock</h1>
        <span class="muted subtitle">${totals === undefined ? '' : this.#words(totals)}</span>
      </div>
      ${staleBanner(totals && problem, 'The rows', () => this.#pages?.announced())}`;
  }

  #words({ total, totalQuantity, completeness }: StockTotals): string {
    const { site } = this.#view;
    const behind = completeness.behind.filter((each) => site === undefined || each.site === site);
    const complete = completenessWords({ ...completeness, behind }, this.#now.ms);
    return `${countOf(total, 'row')} · ${countOf(totalQuantity, 'unit')} · ${complete}`;
  }

  #filters(view: StockView): TemplateResult {
    const { loaded } = this.parts.fleet;
    const fleet = loaded.state === 'ready' ? loaded.value : undefined;
    for (const { site, zone } of this.#pages?.lines() ?? []) this.#zones.add(`${site}/${zone}`);
    for (const { site, zone } of fleet?.devices ?? []) {
      if (zone !== undefined) this.#zones.add(`${site}/${zone}`);
    }
    const zones = [...this.#zones]
      .filter((each) => view.site === undefined || each.startsWith(`${view.site}/`))
      .map((each) => each.slice(each.indexOf('/') + 1));
    const sites = filterValues(fleet?.gateways.map(({ site }) => site) ?? [], view.site);
    return html`<div class="tools" role="search" aria-label="Filter stock">
      ${this.#select('Site', 'site', view.site, sites)}
      ${this.#select('Zone', 'zone', view.zone, filterValues(zones, view.zone))}
      ${this.#select('Status', 'status', view.status, stockStatuses)}
      <x-text-field
        inline
        label="Item begins with"
        value=${view.item ?? ''}
        @value-change=${(event: CustomEvent<string>) => this.#filter({ item: event.detail.trim() })}
      ></x-text-field>
      ${
        this.#filtered(view)
          ? html`<x-button
              kind="quiet"
              @click=${() => this.#filter({ site: '', zone: '', status: '', item: '' })}
              >Clear filters</x-button
            >`
          : nothing
      }
      <span class="grow"></span>
      ${
        this.#pages !== undefined && this.#pages.pending > 0
          ? html`<button class="pill" @click=${() => this.#pages?.applyPending()}>
              ${countOf(this.#pages.pending, 'row')} changed · refresh
            </button>`
          : nothing
      }
    </div>`;
  }

  #select(
    label: string,
    name: 'site' | 'zone' | 'status',
    chosen: string | undefined,
    values: readonly string[],
  ): TemplateResult {
    const options = [
      { value: '', label: 'all' },
      ...values.map((value) => ({
        value,
        label: value.replaceAll('-', name === 'status' ? ' ' : '-'),
      })),
    ];
    return html`<x-select
      label=${label}
      .options=${options}
      .value=${chosen ?? ''}
      @value-change=${(event: CustomEvent<string>) =>
        this.#filter(name === 'site' ? { site: event.detail, zone: '' } : { [name]: event.detail })}
    ></x-select>`;
  }

  #rows(view: StockView): TemplateResult {
    const pages = this.#pages;
    if (pages?.totals === undefined) {
      if (pages?.problem === undefined) {
        return html`<x-skeleton class="grid" rows="24" label="Loading stock"></x-skeleton>`;
      }
      return failedCard(pages.problem, () => this.#again());
    }
    if (pages.totals.total === 0) return this.#nothing(view);
    return html`<x-grid
      class="grid"
      label="Stock. Enter opens why a figure is what it is."
      .columns=${stockColumns(this.#now.ms)}
      .source=${pages.source}
      .sort=${{ key: view.sort, order: view.order }}
      .partsOf=${stockCellParts}
      selected=${view.row ?? ''}
      @pointerenter=${() => (this.#pointerInside = true)}
      @pointerleave=${() => (this.#pointerInside = false)}
      @row-open=${(event: CustomEvent<{ row: StockLine }>) =>
        this.#go({ row: event.detail.row.key, event: '' })}
      @sort-change=${(event: CustomEvent<{ sort: GridSort }>) => this.#sort(event.detail.sort)}
    ></x-grid>`;
  }

  #nothing(view: StockView): TemplateResult {
    if (this.#filtered(view)) {
      return html`<div class="card grid">
        <x-notice
          heading="No stock matches these filters"
          advice="Another site, zone or item number may."
        >
          <x-button @click=${() => this.#filter({ site: '', zone: '', status: '', item: '' })}
            >Clear filters</x-button
          >
        </x-notice>
      </div>`;
    }
    return html`<div class="card grid">
      <x-notice
        heading="No stock yet"
        advice="Stock appears when a gateway posts its first movement: connect a reader to a gateway and read a tag at one of its portals."
      ></x-notice>
    </div>`;
  }

  #filtered(view: StockView): boolean {
    return [view.site, view.zone, view.status, view.item].some((each) => each !== undefined);
  }

  #again(): void {
    this.#pages?.stop();
    this.#pages = undefined;
    this.requestUpdate();
  }

  #filter(change: { readonly [K in 'site' | 'zone' | 'status' | 'item']?: string }): void {
    const next = { ...this.#view, ...change, row: '', event: '' };
    this.parts.router.go(stockPath(next), 'replace');
  }

  #sort(sort: GridSort): void {
    const next = { ...this.#view, sort: sort.key as StockView['sort'], order: sort.order };
    this.parts.router.go(stockPath(next), 'replace');
  }

  #go(change: Partial<StockView>): void {
    this.parts.router.go(stockPath({ ...this.#view, ...change }));
  }

  #close(): void {
    this.#go({ row: '', event: '' });
    this.#grid?.focus();
  }
}
customElements.define('stock-screen', StockScreen);

function filterOf(view: StockView): StockFilter {
  const status = stockStatuses.find((each) => each === view.status);
  return {
    ...(view.site === undefined ? {} : { site: view.site }),
    ...(view.zone === undefined ? {} : { zone: view.zone }),
    ...(status === undefined ? {} : { status }),
    ...(view.item === undefined ? {} : { item: view.item }),
    sort: view.sort,
    order: view.order,
  };
}

function sameFilter(a: StockFilter, b: StockFilter): boolean {
  const names = ['site', 'zone', 'status', 'item', 'sort', 'order'] as const;
  return names.every((name) => a[name] === b[name]);
}
