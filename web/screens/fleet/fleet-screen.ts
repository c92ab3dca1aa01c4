import type { Fleet } from '#contracts/api/fleet-api.ts';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { ConsoleParts } from '../../console-parts.ts';
import { countOf, formatCount } from '../../format/numbers.ts';
import { fleetPath, readFleetView, type FleetView, type VersionPair } from '../../paths.ts';
import { failedCard } from '../../shell/problem-notices.ts';
import { besideStyles } from '../../ui/beside-styles.ts';
import { sourceOf, type GridSort, type GridSource } from '../../ui/grid-column.ts';
import { hostStyles, screenStyles } from '../../ui/host-styles.ts';
import { NowController } from '../../ui/now-controller.ts';
import { status, statusStyles } from '../../ui/status.ts';
import { timeAgo } from '../../ui/time-text.ts';
import '../../ui/x-button.ts';
import '../../ui/x-figure.ts';
import '../../ui/x-grid.ts';
import '../../ui/x-notice.ts';
import '../../ui/x-select.ts';
import '../../ui/x-skeleton.ts';
import './fleet-config.ts';
import './fleet-drawer.ts';
import { deviceCellParts, deviceColumns } from './device-columns.ts';
import {
  deviceLines,
  fleetFigures,
  gatewayLines,
  openAlerts,
  type DeviceLine,
  type GatewayLine,
} from './fleet-model.ts';
import { fleetStyles } from './fleet-styles.ts';
import { gatewayCellParts, gatewayColumns } from './gateway-columns.ts';

/** More devices than this scroll inside their grid. */
const shortList = 40;

/** Gateways, devices and open alerts: who is heard, what waits, what the guarantee covers. */
export class FleetScreen extends LitElement {
  static override styles = [hostStyles, screenStyles, statusStyles, besideStyles, fleetStyles];
  static override properties = { parts: { attribute: false } };
  declare parts: ConsoleParts;
  readonly #now = new NowController(this, () => this.parts, 2000);
  #unsubscribe: (() => void)[] = [];
  /** The list whose row was opened last. */
  #opener: HTMLElement | undefined;
  #drawnFor: { fleet: Fleet; view: string } | undefined;
  #gateways: GridSource<GatewayLine> = sourceOf<GatewayLine>([]);
  #devices: GridSource<DeviceLine> = sourceOf<DeviceLine>([]);

  override connectedCallback(): void {
    super.connectedCallback();
    const again = () => this.requestUpdate();
    this.#unsubscribe = [this.parts.router.changed.add(again), this.parts.fleet.subscribe(again)];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const end of this.#unsubscribe) end();
  }

  /** New sources only for new data or another view: a source that changes makes the grid draw anew. */
  override willUpdate(): void {
    const { loaded } = this.parts.fleet;
    if (loaded.state !== 'ready') return;
    const view = this.#view;
    const text = fleetPath(view);
    const fleet = loaded.value;
    if (this.#drawnFor?.fleet === fleet && this.#drawnFor.view === text) return;
    this.#drawnFor = { fleet, view: text };
    this.#gateways = sourceOf(gatewayLines(fleet));
    this.#devices = sourceOf(deviceLines(fleet, view, { key: view.sort, order: view.order }));
  }

  override render() {
    const { loaded } = this.parts.fleet;
    if (loaded.state === 'loading') {
      return html`<div class="head"><h1>Fleet</h1></div>
        <x-skeleton rows="4" label="Loading gateways"></x-skeleton>
        <x-skeleton rows="10" label="Loading devices"></x-skeleton>`;
    }
    if (loaded.state === 'failed') {
      return html`<div class="head"><h1>Fleet</h1></div>
        ${failedCard(loaded.problem, () => this.parts.fleet.reload())}`;
    }
    const fleet = loaded.value;
    if (fleet.gateways.length === 0) {
      return html`<div class="head"><h1>Fleet</h1></div>
        <div class="card">
          <x-notice
            heading="No gateway yet"
            advice="Enrol a gateway at the hub and start it with its configuration file. It appears here when it first reports."
          ></x-notice>
        </div>`;
    }
    return html`<div class="body">
      <div class="grid">${this.#content(fleet)}</div>
      ${this.#drawer(fleet)}
    </div>`;
  }

  #content(fleet: Fleet): TemplateResult {
    return html`<div class="head">
        <h1>Fleet</h1>
        <span class="muted subtitle"
          >${countOf(new Set(fleet.gateways.map(({ site }) => site)).size, 'site')} ·
          ${countOf(fleet.gateways.length, 'gateway')} ·
          ${countOf(fleet.devices.length, 'device')}</span
        >
      </div>
      ${this.#figures(fleet)} ${this.#alerts(fleet)}
      <section aria-labelledby="gateways">
        <h2 id="gateways">Gateways</h2>
        ${this.#gatewayGrid()}
      </section>
      <fleet-config
        .parts=${this.parts}
        .compare=${this.#view.compare}
        @compare=${(event: CustomEvent<VersionPair | undefined>) =>
          this.#go({ compare: event.detail })}
      ></fleet-config>
      ${this.#deviceSection(fleet)}`;
  }

  get #view(): FleetView {
    return readFleetView(this.parts.router.params);
  }

  #figures(fleet: Fleet): TemplateResult {
    const figures = fleetFigures(fleet);
    const known = (value: number | null) => (value === null ? null : formatCount(value));
    const missing =
      figures.waitingUnknown === 0
        ? 'events at the sites'
        : `${countOf(figures.waitingUnknown, 'gateway')} unknown`;
    return html`<section class="card figures" aria-label="Fleet in figures">
      <x-figure label="Gateways live" .value=${figures.gatewaysLive}
        >${
          figures.gatewaysLive === `${fleet.gateways.length} of ${fleet.gateways.length}`
            ? 'all heard'
            : 'others are listed first'
        }</x-figure
      >
      <x-figure label="Waiting" .value=${known(figures.waiting)}>${missing}</x-figure>
      <x-figure label="Reads per minute" .value=${known(figures.readsPerMinute)}
        >over all gateways</x-figure
      >
      <x-figure label="Devices" .value=${formatCount(figures.devices)}
        >${figures.silent === 0 ? 'none silent' : `${formatCount(figures.silent)} silent`} ·
        ${
          figures.uncovered === 0 ? 'all covered' : `${formatCount(figures.uncovered)} not covered`
        }</x-figure
      >
      <x-figure label="Quarantined" .value=${known(figures.quarantined)}
        >at the gateways · ${formatCount(figures.quarantinedAtHub)} at the hub</x-figure
      >
    </section>`;
  }

  #gatewayGrid(): TemplateResult {
    return html`<x-grid
      short
      label="Gateways. Enter opens one and shows its devices."
      .columns=${gatewayColumns(this.#now.ms)}
      .source=${this.#gateways}
      .partsOf=${gatewayCellParts}
      selected=${this.#view.open?.split('/')[0] ?? this.#view.gateway ?? ''}
      @row-open=${(event: CustomEvent<{ row: GatewayLine }>) => {
        const { gateway } = event.detail.row;
        this.#open(event, { gateway, open: gateway });
      }}
    ></x-grid>`;
  }

  #drawer(fleet: Fleet): TemplateResult | typeof nothing {
    const { open } = this.#view;
    if (open === undefined) return nothing;
    const all = deviceLines(fleet, {}, { key: 'device', order: 'asc' });
    const devices = all.filter(({ gateway }) => gateway === open);
    return html`<fleet-drawer
      class="drawer"
      .gateway=${gatewayLines(fleet).find(({ key }) => key === open)}
      .device=${all.find(({ key }) => key === open)}
      .devices=${devices}
      .quarantineOf=${this.parts.quarantine}
      .nowMs=${this.#now.ms}
      @open=${(event: CustomEvent<string>) => this.#go({ open: event.detail })}
      @close=${() => this.#close()}
    ></fleet-drawer>`;
  }

  #open(event: Event, change: Partial<FleetView>): void {
    if (event.currentTarget instanceof HTMLElement) this.#opener = event.currentTarget;
    this.#go(change);
  }

  /** The focus goes back to the row; a drawer that a link opened gives it to the first list. */
  #close(): void {
    this.#go({ open: undefined });
    const opener = this.#opener ?? this.renderRoot.querySelector<HTMLElement>('x-grid');
    void this.updateComplete.then(() => opener?.focus());
  }

  #alerts(fleet: Fleet): TemplateResult {
    const alerts = openAlerts(fleet);
    return html`<section aria-labelledby="alerts">
      <h2 id="alerts">Open alerts ${alerts.length === 0 ? '' : `(${alerts.length})`}</h2>
      <div class="card alerts" tabindex="0" role="group" aria-labelledby="alerts">
        ${
          alerts.length === 0
            ? html`<p class="none">${status('ok', 'none')} Nothing asks for attention.</p>`
            : html`<ul>
                ${alerts.map(
                  (alert) =>
                    html`<li>
                      <div class="row">
                        ${status(alert.tone, alert.words)}
                        <b>${alert.device ?? alert.gateway}</b>
                        <span class="ago">${timeAgo(alert.openedAt, this.#now.ms)}</span>
                      </div>
                      <div>${alert.text}</div>
                      <div class="muted">
                        ${alert.site}${alert.zone === undefined ? '' : ` · ${alert.zone}`}
                      </div>
                    </li>`,
                )}
              </ul>`
        }
      </div>
    </section>`;
  }

  #deviceSection(fleet: Fleet): TemplateResult {
    const view = this.#view;
    const gateways = fleet.gateways
      .map(({ gateway }) => gateway)
      .sort((a, b) => a.localeCompare(b));
    const options = [
      { value: '', label: 'all' },
      ...gateways.map((gateway) => ({ value: gateway, label: gateway })),
    ];
    return html`<section aria-labelledby="devices" class="devices">
      <div class="tools">
        <h2 id="devices">Devices</h2>
        <span class="muted"
          >${formatCount(this.#devices.size)} of ${formatCount(fleet.devices.length)} shown</span
        >
        <span class="grow"></span>
        <x-select
          label="Gateway"
          .options=${options}
          .value=${view.gateway ?? ''}
          @value-change=${(event: CustomEvent<string>) => this.#go({ gateway: event.detail })}
        ></x-select>
        <x-button
          .pressed=${view.only === 'trouble'}
          @click=${() =>
            this.#go(view.only === 'trouble' ? { only: undefined } : { only: 'trouble' })}
          >Only with trouble</x-button
        >
      </div>
      ${
        this.#devices.size === 0
          ? html`<div class="card">
              <x-notice
                heading=${view.only === 'trouble' ? 'No device has trouble' : 'No device yet'}
                advice=${
                  view.only === 'trouble'
                    ? 'All are connected, heard, covered, and nothing of theirs is in quarantine.'
                    : 'Devices appear when their gateway is configured with them.'
                }
              ></x-notice>
            </div>`
          : html`<x-grid
              ?short=${this.#devices.size <= shortList}
              label="Devices. Enter opens one."
              selected=${view.open ?? ''}
              .columns=${deviceColumns(this.#now.ms)}
              .source=${this.#devices}
              .sort=${{ key: view.sort, order: view.order }}
              .partsOf=${deviceCellParts}
              @row-open=${(event: CustomEvent<{ row: DeviceLine }>) =>
                this.#open(event, { open: event.detail.row.key })}
              @sort-change=${(event: CustomEvent<{ sort: GridSort }>) =>
                this.#go({ sort: event.detail.sort.key, order: event.detail.sort.order })}
            ></x-grid>`
      }
    </section>`;
  }

  #go(change: { readonly [K in keyof FleetView]?: FleetView[K] | undefined }): void {
    const next = { ...this.#view, ...change } as FleetView;
    this.parts.router.go(fleetPath(next), 'replace');
  }
}
customElements.define('fleet-screen', FleetScreen);
