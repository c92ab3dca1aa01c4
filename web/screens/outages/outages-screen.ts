import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import type { ConsoleParts } from '../../console-parts.ts';
import type { OutageList, OutagesData } from '../../data/outages-data.ts';
import { countOf } from '../../format/numbers.ts';
import {
  outagesPath,
  outageWindows,
  readOutagesView,
  type OutagesView,
  type OutageWindow,
} from '../../paths.ts';
import { failedCard, staleBanner } from '../../shell/problem-notices.ts';
import { sourceOf, type GridSource } from '../../ui/grid-column.ts';
import { hostStyles, screenStyles } from '../../ui/host-styles.ts';
import { NowController } from '../../ui/now-controller.ts';
import { status, statusStyles } from '../../ui/status.ts';
import '../../ui/x-button.ts';
import '../../ui/x-grid.ts';
import '../../ui/x-notice.ts';
import '../../ui/x-select.ts';
import '../../ui/x-skeleton.ts';
import '../../ui/x-timeline.ts';
import { outageCellParts, outageColumns } from './outages-columns.ts';
import {
  completeFromMs,
  lanesOf,
  outageLines,
  outagesWords,
  spanOf,
  windowFor,
  type OutageLine,
} from './outages-model.ts';

const windowWords: Record<OutageWindow, string> = {
  '15m': '15 minutes',
  '1h': 'hour',
  '8h': '8 hours',
  '24h': '24 hours',
  '7d': '7 days',
};

/** What the URL says, with the window that is shown. */
type ShownView = OutagesView & { readonly window: OutageWindow };

/** More incidents than this scroll inside their grid. */
const shortList = 30;

/** What was cut, what was kept meanwhile, and that it all came back: as a timeline and a table. */
export class OutagesScreen extends LitElement {
  static override styles = [
    hostStyles,
    screenStyles,
    statusStyles,
    css`
      .tools {
        align-items: center;
      }

      x-select {
        width: 186px;
      }

      .timeline {
        padding: 12px var(--space-4) 14px;
      }

      .legend {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
        margin-top: 8px;
      }

      .more {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-3);
        align-items: center;
      }

      x-grid {
        --grid-row-cursor: pointer;
      }

      x-grid:not([short]) {
        height: 560px;
      }

      @media (width < 640px) {
        .timeline {
          padding: 10px 12px;
        }
      }
    `,
  ];
  static override properties = { parts: { attribute: false } };
  declare parts: ConsoleParts;
  readonly #now = new NowController(this, () => this.parts, 2000);
  #unsubscribe: (() => void)[] = [];
  #outages: OutagesData | undefined;
  #endOutages: () => void = () => {};
  /** What stands where the URL names none: settled once, so that it does not change by itself. */
  #unchosen: OutageWindow | undefined;
  #drawn: OutageList | undefined;
  #lines: readonly OutageLine[] = [];
  #source: GridSource<OutageLine> = sourceOf<OutageLine>([]);

  override connectedCallback(): void {
    super.connectedCallback();
    const again = () => this.requestUpdate();
    this.#unsubscribe = [this.parts.router.changed.add(again), this.parts.fleet.subscribe(again)];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const end of this.#unsubscribe) end();
    this.#endOutages();
    this.#outages = undefined;
  }

  override willUpdate(): void {
    const view = this.#view;
    const window = this.#window(view);
    if (window === undefined) return;
    const outages = this.parts.outages(window, view.type);
    if (outages !== this.#outages) {
      this.#endOutages();
      this.#outages = outages;
      this.#endOutages = outages.list.subscribe(() => this.requestUpdate());
    }
    const { loaded } = outages.list;
    if (loaded.state !== 'ready' || this.#drawn === loaded.value) return;
    this.#drawn = loaded.value;
    this.#lines = outageLines(loaded.value.outages);
    this.#source = sourceOf(this.#lines);
  }

  override render() {
    const view = this.#view;
    const window = this.#window(view);
    const loaded = this.#outages?.list.loaded ?? { state: 'loading' };
    return html`${this.#head(view, loaded.state === 'ready' ? loaded.value : undefined)}
    ${
      loaded.state === 'loading' || window === undefined
        ? html`<x-skeleton rows="9" label="Loading the timeline"></x-skeleton>
            <x-skeleton rows="4" label="Loading incidents"></x-skeleton>`
        : loaded.state === 'failed'
          ? failedCard(loaded.problem, this.#again)
          : html`${staleBanner(loaded.problem, 'The incidents', this.#again)}
            ${this.#timeline({ ...view, window }, loaded.value)} ${this.#table({ ...view, window })}
            ${this.#more(loaded.value)}`
    }`;
  }

  get #view(): OutagesView {
    return readOutagesView(this.parts.router.params);
  }

  /** Undefined until the fleet says since when there is anything. */
  #window(view: OutagesView): OutageWindow | undefined {
    const { loaded } = this.parts.fleet;
    if (view.window !== undefined || loaded.state === 'loading') return view.window;
    this.#unchosen ??= windowFor(
      loaded.state === 'ready' ? loaded.value : undefined,
      this.parts.hubTime.nowMs(),
    );
    return this.#unchosen;
  }

  #head(view: OutagesView, list: OutageList | undefined): TemplateResult {
    const { loaded } = this.parts.fleet;
    const fleet = loaded.state === 'ready' ? loaded.value : undefined;
    const window = this.#window(view);
    const options = Object.entries(windowWords).map(([value, words]) => ({
      value,
      label: words === 'hour' ? '1 hour' : words,
    }));
    return html`<div class="head">
      <h1>Outages</h1>
      <span class="muted subtitle"
        >${
          list === undefined || window === undefined
            ? ''
            : outagesWords(fleet, this.#lines, windowWords[window], list.more)
        }</span
      >
      <span class="grow"></span>
      <div class="tools">
        <x-select
          label="Window"
          .options=${options}
          .value=${window ?? ''}
          @value-change=${(event: CustomEvent<OutageWindow>) => this.#go({ window: event.detail })}
        ></x-select>
        <x-button
          .pressed=${view.type === 'uplink'}
          @click=${() => this.#go({ type: view.type === 'uplink' ? undefined : 'uplink' })}
          >Only uplinks</x-button
        >
      </div>
    </div>`;
  }

  #timeline(view: ShownView, list: OutageList): TemplateResult {
    const { loaded } = this.parts.fleet;
    const fleet = loaded.state === 'ready' ? loaded.value : undefined;
    const nowMs = this.#now.ms;
    const completeFrom = completeFromMs(list, nowMs);
    const lanes = lanesOf(fleet, this.#lines, view.type === 'uplink', nowMs, completeFrom);
    if (lanes.length === 0) {
      return html`<div class="card">
        <x-notice
          heading="No gateway yet"
          advice="Once a gateway has reported, its uplink has a lane here."
        ></x-notice>
      </div>`;
    }
    return html`<section class="card timeline" aria-label="Timeline">
      <x-timeline
        label="Timeline of ${lanes.length} lanes; the table below says the same in words"
        .lanes=${lanes}
        .span=${spanOf(outageWindows[view.window], nowMs)}
        selected=${view.incident ?? ''}
        @band-open=${(event: CustomEvent<{ id: string }>) => this.#select(event.detail.id)}
      ></x-timeline>
      <div class="legend" aria-label="Legend" role="group">
        ${status('ok', 'live')} ${status('bad', 'cut: events kept at the site')}
        ${status('draining', 'draining')} ${status('warn', 'gateway or device trouble')}
        ${status('unknown', 'unknown, or not running')}
      </div>
    </section>`;
  }

  get #noGateway(): boolean {
    const { loaded } = this.parts.fleet;
    return loaded.state === 'ready' && loaded.value.gateways.length === 0;
  }

  #table(view: ShownView): TemplateResult | typeof nothing {
    if (this.#lines.length === 0) {
      if (this.#noGateway) return nothing;
      return html`<div class="card">
        <x-notice
          heading="No incident in the last ${windowWords[view.window]}"
          advice="Whenever a link, a gateway or a device fails, its incident stands here, with what was kept and what came back."
        ></x-notice>
      </div>`;
    }
    return html`<x-grid
      ?short=${this.#lines.length <= shortList}
      label="Incidents. Enter marks one in the timeline."
      .columns=${outageColumns(this.#now.ms)}
      .source=${this.#source}
      .partsOf=${outageCellParts}
      selected=${view.incident ?? ''}
      @row-open=${(event: CustomEvent<{ row: OutageLine }>) => this.#select(event.detail.row.id)}
    ></x-grid>`;
  }

  #more({ outages, more }: OutageList): TemplateResult | typeof nothing {
    if (!more) return nothing;
    return html`<div class="more">
      <span class="muted"
        >The newest ${countOf(outages.length, 'incident')} of the window; before the last of them
        the timeline is unknown.</span
      >
      <x-button @click=${() => this.#outages?.loadMore()}>Load more</x-button>
    </div>`;
  }

  readonly #again = (): void => this.#outages?.list.reload();

  #select(id: string): void {
    this.#go({ incident: id === this.#view.incident ? '' : id });
  }

  #go(change: { readonly [K in keyof OutagesView]?: OutagesView[K] | undefined }): void {
    const next = { ...this.#view, ...change } as OutagesView;
    this.parts.router.go(outagesPath(next), 'replace');
  }
}
customElements.define('outages-screen', OutagesScreen);
