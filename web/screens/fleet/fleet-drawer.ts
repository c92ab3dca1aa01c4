import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { problemWords } from '../../data/api-problem.ts';
import type { QuarantineData } from '../../data/fleet-data.ts';
import { formatCount } from '../../format/numbers.ts';
import { hostStyles } from '../../ui/host-styles.ts';
import { status, statusStyles } from '../../ui/status.ts';
import { timeAgo } from '../../ui/time-text.ts';
import '../../ui/x-button.ts';
import '../../ui/x-drawer.ts';
import '../../ui/x-notice.ts';
import '../../ui/x-skeleton.ts';
import { drawerStyles } from './drawer-styles.ts';
import { deviceFacts, gatewayFacts, type Fact } from './fleet-facts.ts';
import { deviceWords, type DeviceLine, type GatewayLine } from './fleet-model.ts';
import { atHubLines, unreadLines, type QuarantineReasonLine } from './quarantine-words.ts';

/**
 * All that is known of a gateway or a device, and why messages of it are in quarantine. Tells
 * `close`, and `open` with the key of another one.
 */
export class FleetDrawer extends LitElement {
  static override styles = [hostStyles, statusStyles, drawerStyles];
  static override properties = {
    gateway: { attribute: false },
    device: { attribute: false },
    devices: { attribute: false },
    quarantineOf: { attribute: false },
    nowMs: { type: Number },
  };
  /** Undefined: a link names one that nobody knows. */
  declare gateway: GatewayLine | undefined;
  declare device: DeviceLine | undefined;
  /** Of the gateway. */
  declare devices: readonly DeviceLine[];
  declare quarantineOf: (gateway: string) => QuarantineData;
  declare nowMs: number;
  #quarantine: { readonly of: string; readonly data: QuarantineData } | undefined;
  #unsubscribe: () => void = () => {};

  constructor() {
    super();
    this.gateway = undefined;
    this.device = undefined;
    this.devices = [];
    this.nowMs = 0;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#listen();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unsubscribe();
  }

  override willUpdate(_changed: PropertyValues<this>): void {
    const of = this.device?.gateway ?? this.gateway?.gateway;
    if (of === this.#quarantine?.of) return;
    this.#quarantine = of === undefined ? undefined : { of, data: this.quarantineOf(of) };
    this.#listen();
  }

  override render() {
    const { device, gateway } = this;
    const heading = device?.device ?? gateway?.gateway ?? 'Nothing';
    return html`<x-drawer heading=${heading} @close=${() => this.#tell('close')}>
      ${(device ?? gateway) ? html`<div slot="subtitle" class="muted">${this.#subtitle()}</div>` : nothing}
      ${this.#body()}
    </x-drawer>`;
  }

  #subtitle(): string {
    const { device, gateway } = this;
    if (device !== undefined) return `device of ${device.gateway} · ${device.site}`;
    return `gateway · ${gateway?.site ?? ''}`;
  }

  #body(): TemplateResult {
    const { device, gateway, nowMs } = this;
    if (device !== undefined) {
      return html`<div class="body">
        ${factList(deviceFacts(device, nowMs))} ${this.#reasons(device.device)}
        <div>
          <x-button kind="quiet" @click=${() => this.#tell('open', device.gateway)}
            >Gateway ${device.gateway}</x-button
          >
        </div>
      </div>`;
    }
    if (gateway === undefined) {
      return html`<x-notice
        heading="Nothing has this name"
        advice="The link may be old or mistyped, or the device was taken out."
      ></x-notice>`;
    }
    return html`<div class="body">
      ${factList(gatewayFacts(gateway, nowMs))} ${this.#reasons(undefined)} ${this.#deviceList()}
    </div>`;
  }

  #reasons(device: string | undefined): TemplateResult {
    return html`<section aria-labelledby="why">
      <h3 id="why">In quarantine</h3>
      ${this.#reasonLists(device)}
    </section>`;
  }

  #reasonLists(device: string | undefined): TemplateResult {
    const loaded = this.#quarantine?.data.loaded;
    if (loaded === undefined || loaded.state === 'loading') {
      return html`<x-skeleton rows="2" label="Loading reasons"></x-skeleton>`;
    }
    if (loaded.state === 'failed') {
      const { title, advice } = problemWords(loaded.problem);
      return html`<x-notice tone="bad" heading=${title} advice=${advice}></x-notice>`;
    }
    const unread = unreadLines(loaded.value, device);
    const atHub = device === undefined ? atHubLines(loaded.value) : [];
    const api = device === undefined ? '/quarantine' : `/quarantine?device=${device}`;
    return html`${
      unread.length === 0
        ? html`<p class="muted">The record at the hub names no message that could not be read.</p>`
        : html`${this.#reasonList('Could not be read', unread)}
            <p class="muted">
              As on record at the hub. The gateway keeps the first 4 KiB of each:
              <code>GET ${api}</code> of its own API.
            </p>`
    }
    ${
      atHub.length === 0
        ? nothing
        : html`${this.#reasonList('Put aside by the hub', atHub)}
            <p class="muted">The hub keeps the first of each: <code>quarantine list</code>.</p>`
    }`;
  }

  #reasonList(label: string, lines: readonly QuarantineReasonLine[]): TemplateResult {
    return html`<ul class="reasons" aria-label=${label}>
      ${lines.map(
        ({ count, detail, device, lastAt, reason, words }) =>
          html`<li>
            <b class="count">${formatCount(count)}</b>
            <span
              >${words}
              <code>${reason}</code
              >${device === undefined ? nothing : html`<span class="sub">${device}</span>`}${
                detail === undefined ? nothing : html`<span class="sub">${detail}</span>`
              }<span class="sub">last ${timeAgo(lastAt, this.nowMs)}</span></span
            >
          </li>`,
      )}
    </ul>`;
  }

  #deviceList(): TemplateResult | typeof nothing {
    if (this.devices.length === 0) return nothing;
    return html`<section aria-labelledby="its-devices">
      <h3 id="its-devices">Devices</h3>
      <ul class="devices">
        ${this.devices.map((line) => {
          const { hover, tone, words } = deviceWords(line, this.nowMs);
          return html`<li>
            <x-button kind="quiet" @click=${() => this.#tell('open', line.key)}
              >${line.device}</x-button
            >
            ${status(tone, words, hover)}
          </li>`;
        })}
      </ul>
    </section>`;
  }

  #listen(): void {
    this.#unsubscribe();
    const again = () => this.requestUpdate();
    this.#unsubscribe = this.#quarantine?.data.subscribe(again) ?? (() => {});
  }

  #tell(type: 'close' | 'open', detail?: string): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
customElements.define('fleet-drawer', FleetDrawer);

function factList(facts: readonly Fact[]): TemplateResult {
  return html`<dl>
    ${facts.map(
      ({ name, note, value }) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}${note === undefined ? nothing : html`<span class="sub">${note}</span>`}</dd>
        </div>`,
    )}
  </dl>`;
}
