import type { FloorActAnswer } from '#contracts/api/floor-api.ts';
import { html, nothing, type TemplateResult } from 'lit';
import { countOf, formatCount } from '../../format/numbers.ts';
import '../../ui/x-button.ts';
import '../../ui/x-notice.ts';
import { status } from '../../ui/status.ts';
import { ActController } from '../acts/act-controller.ts';
import { floorPath } from '../floor-paths.ts';
import { FloorScreen } from '../floor-screen.ts';
import { zoneOf } from '../scan/subject.ts';
import { SubjectController } from '../scan/subject-controller.ts';
import '../ui/floor-choice.ts';
import '../ui/floor-result.ts';
import '../ui/floor-scan-box.ts';
import { floorStyles } from '../ui/floor-styles.ts';
import { lookupTrouble } from '../ui/lookup-trouble.ts';

type Swept = NonNullable<FloorActAnswer['sweep']>;

/** As many tags as one round of a handheld may bring. */
const mostTags = 20_000;
const mostListed = 50;

/** An RFID count of a zone: what readers see there against what the book has there. Posts nothing. */
export class SweepScreen extends FloorScreen {
  static override styles = floorStyles;
  static override properties = {
    by: { state: true },
    zone: { state: true },
    tags: { state: true },
    other: { state: true },
  };
  declare by: 'fixed' | 'handheld';
  declare zone: string;
  declare tags: ReadonlySet<string>;
  declare other: string | undefined;
  readonly #lookup = new SubjectController(this, () => this.parts);
  readonly #act = new ActController(this, () => this.parts);

  constructor() {
    super();
    this.by = 'fixed';
    this.zone = '';
    this.tags = new Set();
    this.other = undefined;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.zone = this.view.zone ?? '';
  }

  /** A handheld in keyboard mode types an EPC for every tag: those need no answer of the gateway. */
  protected override scanned(text: string): void {
    this.other = undefined;
    const zone = zoneOf(text, this.parts.data.site.value);
    if (zone !== undefined) this.zone = zone;
    else if (isEpc(text)) this.#add(text.toUpperCase());
    else {
      void this.#lookup.look(text).then((subject) => {
        if (subject?.type === 'goods' && subject.epc !== undefined) this.#add(subject.epc);
        else if (subject !== undefined) this.other = `${text} is no tag. Read tags, or scan a zone`;
      });
    }
  }

  override render() {
    const { result } = this.#act;
    const swept = result?.type === 'applied' ? result.answer.sweep : undefined;
    return html`<div class="columns">
      <div>${this.#form()}</div>
      <div>
        <floor-result .result=${result}></floor-result>
        ${swept === undefined ? nothing : swept === null ? hidden : this.#swept(swept)}
      </div>
    </div>`;
  }

  #form(): TemplateResult {
    const missing = this.#missing();
    const doing =
      this.by === 'fixed'
        ? `Sweep ${this.zone} with its readers`
        : `Sweep ${this.zone} with ${countOf(this.tags.size, 'tag')}`;
    return html`<floor-scan-box
        .scanner=${this.parts.scanner}
        prompt=${this.by === 'fixed' ? 'Scan the label of the zone' : 'Read the tags in the zone'}
        hint=${this.by === 'fixed' ? 'or choose it below' : 'EPC, or its code'}
      ></floor-scan-box>
      ${lookupTrouble(this.#lookup, (text) => this.scanned(text), this.other)}
      <section class="card form" aria-label="Sweep">
        <floor-choice
          label="With"
          .value=${this.by}
          .options=${[
            { value: 'fixed', label: 'Fixed readers', note: 'what they see now' },
            { value: 'handheld', label: 'My handheld', note: 'what I read on a round' },
          ]}
          @value-change=${(event: CustomEvent<'fixed' | 'handheld'>) => {
            this.by = event.detail;
            this.#act.clear();
          }}
        ></floor-choice>
        <floor-choice
          label="Zone"
          .value=${this.zone}
          .options=${this.zones.map(({ id, status: note }) => ({ value: id, label: id, note }))}
          @value-change=${(event: CustomEvent<string>) => (this.zone = event.detail)}
        ></floor-choice>
        ${this.by === 'fixed' ? nothing : this.#round()}
        <x-button
          class="wide"
          kind=${missing === undefined ? 'primary' : 'plain'}
          ?disabled=${missing !== undefined || this.#act.busy}
          @click=${() => this.#do(doing)}
          >${this.#act.busy ? 'Sending…' : (missing ?? doing)}</x-button
        >
        <p class="note">
          A sweep changes no stock: a tag that was not read may still be there. What differs becomes
          a task.
        </p>
      </section>`;
  }

  #round(): TemplateResult {
    return html`<div class="line" role="status">
      <span class="name">${countOf(this.tags.size, 'tag')} read</span>
      ${
        this.tags.size === 0
          ? nothing
          : html`<x-button @click=${() => (this.tags = new Set())}>Begin anew</x-button>`
      }
    </div>`;
  }

  #missing(): string | undefined {
    const forbidden = this.forbids('sweep');
    if (forbidden !== undefined) return forbidden;
    if (this.zone === '') return 'Choose the zone';
    return this.by === 'handheld' && this.tags.size === 0 ? 'Read the tags in the zone' : undefined;
  }

  #swept({ booked, inferred, missing, more, seen, unexpected, unknown, zone }: Swept) {
    const isSame = missing.length + unexpected.length === 0;
    return html`<section class="card" aria-label="What the sweep found">
        <div class="title">
          <h2>${zone}</h2>
          ${status(isSame ? 'ok' : 'warn', `${formatCount(seen)} of ${formatCount(booked)} seen`)}
        </div>
        <div class="form">
          <p>
            ${
              booked === 0
                ? 'The book has no serial numbers here.'
                : isSame
                  ? 'The book is right.'
                  : 'It differs from the book.'
            }
            ${inferred === 0 ? '' : `${formatCount(inferred)} more are inferred from their unit.`}
            ${unknown === 0 ? '' : `${countOf(unknown, 'tag')} of no item of ours.`}
          </p>
        </div>
      </section>
      ${this.#list(
        'In the book, not read',
        missing.map((epc) => ({ epc, note: '' })),
        more,
      )}
      ${this.#list(
        'Read, not in the book here',
        unexpected.map(({ epc, bookedZone }) => ({
          epc,
          note: bookedZone === null ? 'not in the book at all' : `booked in ${bookedZone}`,
        })),
        more,
      )}`;
  }

  #list(
    title: string,
    tags: readonly { readonly epc: string; readonly note: string }[],
    more: boolean,
  ): TemplateResult | typeof nothing {
    if (tags.length === 0) return nothing;
    return html`<section class="card" aria-label=${title}>
      <div class="title">
        <h2>${title}</h2>
        <span class="note">${formatCount(tags.length)}${more ? ' and more' : ''}</span>
      </div>
      <ul class="rows">
        ${tags.slice(0, mostListed).map(
          ({ epc, note }) =>
            html`<li class="flush">
              <a class="tap" href=${floorPath({ screen: 'find', code: epc })}
                ><span class="mono">${epc}</span>
                ${note === '' ? nothing : html`<div class="note">${note}</div>`}</a
              >
            </li>`,
        )}
      </ul>
    </section>`;
  }

  #add(epc: string): void {
    if (this.by === 'fixed') this.by = 'handheld';
    if (this.tags.size < mostTags) this.tags = new Set(this.tags).add(epc);
  }

  #do(title: string): void {
    const { task } = this.view;
    void this.#act.run(title, {
      type: 'sweep',
      zone: this.zone,
      ...(this.by === 'fixed' ? {} : { epcs: [...this.tags] }),
      ...(task === undefined ? {} : { task }),
    });
  }
}
customElements.define('sweep-screen', SweepScreen);

const hidden = html`<x-notice
  kind="banner"
  heading="Its figures are not shown."
  advice="You are counting this zone, or a recount is open: counts are blind."
></x-notice>`;

/** The hex of a tag: at least 96 bits, whole words of 16. A GS1 code may be long, but begins with 0. */
function isEpc(text: string): boolean {
  return /^[1-9A-Fa-f][0-9A-Fa-f]{23,123}$/.test(text) && text.length % 4 === 0;
}
