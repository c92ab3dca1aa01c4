import type { ConfigPush } from '#contracts/api/config-api.ts';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import type { ConsoleParts } from '../../console-parts.ts';
import type { ConfigOverview } from '../../data/config-data.ts';
import { countOf } from '../../format/numbers.ts';
import type { VersionPair } from '../../paths.ts';
import { failedCard } from '../../shell/problem-notices.ts';
import { sourceOf, type GridSource } from '../../ui/grid-column.ts';
import { hostStyles, screenStyles } from '../../ui/host-styles.ts';
import { NowController } from '../../ui/now-controller.ts';
import { status, statusStyles } from '../../ui/status.ts';
import { timeAgo } from '../../ui/time-text.ts';
import '../../ui/x-button.ts';
import '../../ui/x-grid.ts';
import '../../ui/x-notice.ts';
import '../../ui/x-skeleton.ts';
import { configCellParts, configColumns } from './config-columns.ts';
import {
  configLines,
  pushedWords,
  pushWords,
  versionWords,
  type ConfigLine,
} from './config-model.ts';
import './config-diff.ts';
import { configNote } from './config-notes.ts';
import './config-push-form.ts';

/** Pushes that are over and not among the latest are in the API. */
const shownPushes = 3;

/** Which configuration is in force at each gateway, who refused what and why, pushes in waves. */
export class FleetConfigSection extends LitElement {
  static override styles = [
    hostStyles,
    screenStyles,
    statusStyles,
    css`
      :host {
        gap: var(--space-2);
        flex: none;
        min-width: 0;
      }

      .tools {
        align-items: center;
      }

      .tools .grow {
        flex: 1;
      }

      .push {
        display: flex;
        flex-direction: column;
        gap: var(--space-2);
        padding: var(--space-3) var(--space-4);
      }

      .push + .push {
        border-top: 1px solid var(--line);
      }

      .line {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-1) var(--space-2);
        align-items: center;
      }

      .line .grow {
        flex: 1;
      }

      .gateways li {
        display: inline-flex;
        gap: 6px;
        align-items: center;
      }

      .gateways {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-1) var(--space-4);
      }

      .note {
        display: flex;
        flex-direction: column;
        gap: var(--space-1);
        padding: var(--space-3) var(--space-4);
      }

      .note p {
        overflow-wrap: anywhere;
      }

      .note li {
        overflow-wrap: anywhere;
        font-size: var(--text-s);
        line-height: 1.6;
      }

      .problem {
        color: var(--danger);
      }
    `,
  ];
  static override properties = {
    parts: { attribute: false },
    compare: { attribute: false },
    _pushing: { state: true },
    _refused: { state: true },
  };
  declare parts: ConsoleParts;
  /** The versions that are compared; who changes them is told `compare`. */
  declare compare: VersionPair | undefined;
  declare _pushing: boolean;
  /** What the hub said to a cancellation. */
  declare _refused: string;
  readonly #now = new NowController(this, () => this.parts, 2000);
  #unsubscribe: () => void = () => {};
  #drawnFor: ConfigOverview | undefined;
  #lines: readonly ConfigLine[] = [];
  #source: GridSource<ConfigLine> = sourceOf<ConfigLine>([]);

  constructor() {
    super();
    this._pushing = false;
    this._refused = '';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unsubscribe = this.parts.config.overview.subscribe(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unsubscribe();
  }

  override willUpdate(): void {
    const { loaded } = this.parts.config.overview;
    if (loaded.state !== 'ready' || this.#drawnFor === loaded.value) return;
    this.#drawnFor = loaded.value;
    this.#lines = configLines(loaded.value.fleet.gateways);
    this.#source = sourceOf(this.#lines);
  }

  override render() {
    const { loaded } = this.parts.config.overview;
    if (loaded.state === 'loading') {
      return html`<h2>Configuration</h2>
        <x-skeleton rows="3" label="Loading configurations"></x-skeleton>`;
    }
    if (loaded.state === 'failed') {
      return html`<h2>Configuration</h2>
        ${failedCard(loaded.problem, () => this.parts.config.overview.reload())}`;
    }
    return html`${this.#head()}
      ${
        this._pushing
          ? html`<config-push-form
              class="card"
              .data=${this.parts.config}
              .gateways=${this.#lines
                .filter(({ owner }) => owner === 'hub')
                .map(({ gateway }) => gateway)
                .sort((a, b) => a.localeCompare(b))}
              @done=${() => (this._pushing = false)}
            ></config-push-form>`
          : nothing
      }
      ${this.#diff()} ${this.#pushes(loaded.value.pushes)}
      <x-grid
        short
        label="Configuration of each gateway"
        .columns=${configColumns(this.#now.ms)}
        .source=${this.#source}
        .partsOf=${configCellParts}
      ></x-grid>
      ${this.#lines.map((line) => configNote(line, this.#now.ms, (pair) => this.#compare(pair)))}`;
  }

  #head(): TemplateResult {
    const inStep = this.#lines.filter(({ standing }) => standing === 'in-step').length;
    return html`<div class="tools">
      <h2>Configuration</h2>
      <span class="muted">${inStep} of ${countOf(this.#lines.length, 'gateway')} in step</span>
      <span class="grow"></span>
      <x-button .pressed=${this.compare !== undefined} @click=${() => void this.#toggleCompare()}
        >Compare versions…</x-button
      >
      <x-button .pressed=${this._pushing} @click=${() => (this._pushing = !this._pushing)}
        >Push a version…</x-button
      >
    </div>`;
  }

  #diff(): TemplateResult | typeof nothing {
    if (this.compare === undefined) return nothing;
    return html`<config-diff
      class="card"
      .data=${this.parts.config}
      .pair=${this.compare}
      @compare=${(event: CustomEvent<VersionPair>) => this.#compare(event.detail)}
      @done=${() => this.#compare(undefined)}
    ></config-diff>`;
  }

  /** The two newest, until somebody chooses. */
  async #toggleCompare(): Promise<void> {
    if (this.compare !== undefined) {
      this.#compare(undefined);
      return;
    }
    const answer = await this.parts.config.versions();
    if (!answer.ok) {
      this._refused = answer.problem.message;
      return;
    }
    const [to, from = to] = answer.value;
    if (to === undefined || from === undefined) this._refused = 'There is no version yet.';
    else this.#compare({ from: from.version, to: to.version });
  }

  #compare(pair: VersionPair | undefined): void {
    this._refused = '';
    this.dispatchEvent(new CustomEvent('compare', { detail: pair }));
  }

  #pushes(pushes: readonly ConfigPush[]): TemplateResult | typeof nothing {
    const shown = pushes.filter(({ state }, index) => state === 'running' || index < shownPushes);
    if (shown.length === 0 && this._refused === '') return nothing;
    return html`<div class="card" aria-label="Pushes" role="group">
      ${shown.map((push) => this.#push(push))}
      ${this._refused === '' ? nothing : html`<p class="push problem" role="alert">${this._refused}</p>`}
    </div>`;
  }

  #push(push: ConfigPush): TemplateResult {
    const { hover, tone, words } = pushWords(push);
    return html`<div class="push">
      <div class="line">
        <b>Push ${push.push}: ${versionWords(push.version)}</b> ${status(tone, words, hover)}
        ${push.reason === null ? nothing : html`<span>${push.reason}</span>`}
        <span class="grow"></span>
        <span class="muted">${push.author}, ${timeAgo(push.createdAt, this.#now.ms)}</span>
        ${
          push.state === 'running'
            ? html`<x-button
                hover="No further wave begins. Gateways that have the version keep it."
                @click=${() => void this.#cancel(push.push)}
                >Cancel</x-button
              >`
            : nothing
        }
      </div>
      <ul class="gateways">
        ${push.gateways.map((one) => {
          const said = pushedWords(one);
          return html`<li>${one.gateway} ${status(said.tone, said.words, said.hover)}</li>`;
        })}
      </ul>
    </div>`;
  }

  async #cancel(push: number): Promise<void> {
    const answer = await this.parts.config.cancel(push);
    this._refused = answer.ok ? '' : answer.problem.message;
  }
}
customElements.define('fleet-config', FleetConfigSection);
