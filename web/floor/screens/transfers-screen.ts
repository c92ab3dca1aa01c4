import type { FloorTransfer } from '#contracts/api/floor-transfers-api.ts';
import type { ActOf } from '#contracts/acts.ts';
import { html, nothing, type TemplateResult } from 'lit';
import { formatCount } from '../../format/numbers.ts';
import { formatAgo } from '../../format/times.ts';
import '../../ui/x-button.ts';
import '../../ui/x-notice.ts';
import '../../ui/x-skeleton.ts';
import { status } from '../../ui/status.ts';
import { ActController } from '../acts/act-controller.ts';
import { arrivalsOf, leftOf, onTheWayWords } from '../acts/transfer-model.ts';
import { floorProblemWords } from '../data/floor-problem.ts';
import { FloorScreen } from '../floor-screen.ts';
import '../ui/floor-choice.ts';
import '../ui/floor-quantity.ts';
import '../ui/floor-result.ts';
import { floorStyles } from '../ui/floor-styles.ts';
import { unitInText } from '../words/act-words.ts';
import './unannounced-part.ts';

/** What is between this gateway and others: what comes is confirmed here, what turned back too. */
export class TransfersScreen extends FloorScreen {
  static override styles = floorStyles;
  static override properties = {
    chosen: { state: true },
    zone: { state: true },
    counted: { state: true },
    picked: { state: true },
  };
  declare chosen: string | undefined;
  declare zone: string;
  /** Line → how much of it is here; absent: all that is on its way. */
  declare counted: ReadonlyMap<number, number>;
  /** Single things that were scanned; none: all of them are here. */
  declare picked: ReadonlySet<string>;
  readonly #act = new ActController(this, () => this.parts);

  constructor() {
    super();
    this.chosen = undefined;
    this.zone = '';
    this.counted = new Map();
    this.picked = new Set();
  }

  protected override watched() {
    return [this.parts.data.site, this.parts.data.transfers];
  }

  /** Without other gateways there is no part below that hears the scanner. */
  protected override scanned(text: string): void {
    this.#isAnnounced(text);
  }

  /** A unit or a thing that is on its way leads to what it is part of; a zone is where it goes. */
  #isAnnounced(text: string): boolean {
    if (this.chosen !== undefined && this.zones.some(({ id }) => id === text)) {
      this.zone = text;
      return true;
    }
    const number = text.replace(/^(?:\]C1)?00/, '');
    const of = this.#all.find(({ lines }) =>
      lines.some(({ serials, unit }) => serials.includes(text) || unit?.endsWith(number) === true),
    );
    if (of === undefined) return false;
    if (of.transfer !== this.chosen) this.#choose(of);
    if (of.lines.some(({ serials }) => serials.includes(text))) {
      this.picked = new Set([...this.picked, text]);
    }
    return true;
  }

  override render() {
    const { loaded } = this.parts.data.transfers;
    if (loaded.state === 'loading') {
      return html`<x-skeleton rows="4" label="Loading what is on its way"></x-skeleton>`;
    }
    if (loaded.state === 'failed') {
      const { title, advice } = floorProblemWords(loaded.problem);
      return html`<x-notice tone="bad" heading=${title} advice=${advice}
        ><x-button @click=${() => this.parts.data.transfers.reload()}>Try again</x-button></x-notice
      >`;
    }
    const coming = this.#all.filter(({ isOwn }) => !isOwn);
    const sent = this.#all.filter(({ isOwn }) => isOwn);
    return html`<floor-result .result=${this.#act.result}></floor-result>
      <div class="columns">
        <div>
          ${this.#list('Coming here', coming, 'Nothing is announced to come from another gateway.')}
          ${this.#list('Sent from here', sent, 'Nothing that was sent from here is on its way.')}
        </div>
        <div>
          ${this.#arrival()}
          <unannounced-part
            .parts=${this.parts}
            .session=${this.session}
            .gateways=${this.#gateways}
            .known=${(text: string) => this.#isAnnounced(text)}
          ></unannounced-part>
        </div>
      </div>`;
  }

  get #all(): readonly FloorTransfer[] {
    return this.parts.data.transfers.value?.transfers ?? [];
  }

  get #gateways(): readonly string[] {
    const named = this.parts.data.site.value?.elsewhere ?? [];
    return [
      ...new Set([...named.map(({ gateway }) => gateway), ...this.#all.map((of) => of.other)]),
    ];
  }

  #list(title: string, transfers: readonly FloorTransfer[], none: string): TemplateResult {
    const nowMs = this.parts.hubTime.nowMs();
    return html`<section class="card" aria-label=${title}>
      <h2>${title}</h2>
      ${
        transfers.length === 0
          ? html`<p class="none">${none}</p>`
          : html`<ul class="rows">
              ${transfers.map(
                (of) =>
                  html`<li class="flush">
                    <button
                      class="tap"
                      aria-pressed=${of.transfer === this.chosen}
                      @click=${() => this.#choose(of)}
                    >
                      <div class="line">
                        <span class="name">${of.isOwn ? 'to' : 'from'} ${of.other}</span>
                        ${status(of.isLate ? 'warn' : 'info', of.isLate ? 'late' : 'on its way')}
                      </div>
                      <div class="note">
                        ${onTheWayWords(of)} · left ${formatAgo(of.sentAtMs, nowMs)}
                      </div>
                    </button>
                  </li>`,
              )}
            </ul>`
      }
    </section>`;
  }

  #arrival(): TemplateResult | typeof nothing {
    const of = this.#all.find(({ transfer }) => transfer === this.chosen);
    if (of === undefined) return nothing;
    const acts = arrivalsOf(of, this.zone, this.counted, this.picked);
    const missing =
      this.forbids('receive') ??
      (this.zone === '' ? 'Choose where it is' : undefined) ??
      (acts.length === 0 ? 'Say how much is here' : undefined);
    const verb = of.isOwn ? 'Take back into' : 'Receive into';
    const words = this.#act.busy ? 'Receiving…' : (missing ?? `${verb} ${this.zone}`);
    return html`<section class="card" aria-label="Arrived">
      <h2>${of.isOwn ? 'It came back' : 'It is here'}</h2>
      <div class="form">
        ${of.lines.map((line, index) => this.#line(line, index))}
        <floor-choice
          label="Where it is"
          .value=${this.zone}
          .options=${this.zones.map(({ id, status: note }) => ({ value: id, label: id, note }))}
          @value-change=${(event: CustomEvent<string>) => (this.zone = event.detail)}
        ></floor-choice>
        <x-button
          class="wide"
          kind=${missing === undefined ? 'primary' : 'plain'}
          ?disabled=${missing !== undefined || this.#act.busy}
          @click=${() => void this.#receive(of, acts)}
          >${words}</x-button
        >
      </div>
    </section>`;
  }

  #line(line: FloorTransfer['lines'][number], index: number): TemplateResult | typeof nothing {
    if (line.left === 0) return nothing;
    const lot = line.lot === null ? '' : `, lot ${line.lot}`;
    const what = `${line.item}${lot}`;
    if (line.unit !== null || line.serials.length > 0) {
      const where = line.unit === null ? this.#scannedOf(line) : unitInText(line.unit);
      return html`<div class="line">
        <span class="name">${formatCount(line.left)} × ${what}</span>
        <span class="note">${where}</span>
      </div>`;
    }
    return html`<floor-quantity
      label=${what}
      .value=${this.counted.get(index) ?? line.left}
      .most=${line.left}
      mostWhy="on its way"
      @value-change=${(event: CustomEvent<number | null>) => {
        this.counted = new Map([...this.counted, [index, event.detail ?? 0]]);
      }}
    ></floor-quantity>`;
  }

  #scannedOf({ serials }: FloorTransfer['lines'][number]): string {
    if (this.picked.size === 0) return 'single things: all, or those that you scan';
    const here = serials.filter((epc) => this.picked.has(epc)).length;
    return `${formatCount(here)} scanned`;
  }

  #choose(of: FloorTransfer): void {
    this.#act.clear();
    this.chosen = of.transfer;
    this.counted = new Map();
    this.picked = new Set();
    const named = this.zones.find(({ id }) => id === of.toZone);
    this.zone = named?.id ?? (this.zones.length === 1 ? (this.zones[0]?.id ?? '') : '');
    // On a small screen it opens below the lists.
    void this.updateComplete.then(() => {
      this.renderRoot.querySelector('[aria-label="Arrived"]')?.scrollIntoView({ block: 'nearest' });
    });
  }

  /** One after the other: what is refused stops, and what came before stays done. */
  async #receive(
    of: FloorTransfer,
    acts: readonly Omit<ActOf<'receive'>, 'id' | 'person'>[],
  ): Promise<void> {
    const { task } = this.view;
    for (const act of acts) {
      const title = `Receive ${leftOf(act.what)} from ${of.other} into ${act.zone}`;
      const named = task === undefined ? act : { ...act, task };
      const result = await this.#act.run(title, named);
      if (result?.type !== 'applied' && result?.type !== 'waiting') return;
    }
    this.chosen = undefined;
  }
}
customElements.define('transfers-screen', TransfersScreen);
