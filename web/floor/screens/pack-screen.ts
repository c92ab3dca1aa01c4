import type { FloorUnit } from '#contracts/api/floor-api.ts';
import { html, nothing, type TemplateResult } from 'lit';
import { countOf } from '../../format/numbers.ts';
import '../../ui/x-button.ts';
import '../../ui/x-notice.ts';
import { ActController } from '../acts/act-controller.ts';
import { goodsWords } from '../acts/picked-goods.ts';
import {
  isEmpty,
  noPacking,
  packBody,
  unpackBody,
  withGoods,
  withoutGoods,
  withQuantity,
  withUnit,
  type Packing,
} from '../acts/packing.ts';
import { FloorScreen } from '../floor-screen.ts';
import type { Subject } from '../scan/subject.ts';
import { SubjectController } from '../scan/subject-controller.ts';
import '../ui/floor-choice.ts';
import '../ui/floor-quantity.ts';
import '../ui/floor-result.ts';
import '../ui/floor-scan-box.ts';
import { floorStyles } from '../ui/floor-styles.ts';
import { unitCard } from '../ui/subject-parts.ts';
import { lookupTrouble } from '../ui/lookup-trouble.ts';
import { unitInText, unitName } from '../words/act-words.ts';

/** A licence plate as labels have it; what is packed into it makes it a unit. */
const plate = /^[0-9A-Za-z][0-9A-Za-z._-]{3,59}$/;

type Mode = 'pack' | 'unpack' | 'break';

/** Into a unit or out of it: scan the unit first, then what goes in or comes out; or break it up. */
export class PackScreen extends FloorScreen {
  static override styles = floorStyles;
  static override properties = {
    mode: { state: true },
    unit: { state: true },
    known: { state: true },
    packing: { state: true },
    zone: { state: true },
    other: { state: true },
  };
  declare mode: Mode;
  declare unit: string | undefined;
  declare known: FloorUnit | undefined;
  declare packing: Packing;
  declare zone: string;
  declare other: string | undefined;
  readonly #lookup = new SubjectController(this, () => this.parts);
  readonly #act = new ActController(this, () => this.parts);

  constructor() {
    super();
    this.mode = 'pack';
    this.unit = undefined;
    this.known = undefined;
    this.packing = noPacking;
    this.zone = '';
    this.other = undefined;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const { mode, code } = this.view;
    this.mode = mode === 'unpack' || mode === 'break' ? mode : 'pack';
    if (code !== undefined) this.scanned(code);
  }

  protected override scanned(text: string): void {
    void this.#lookup.look(text).then((subject) => {
      if (subject !== undefined) this.#take(subject);
    });
  }

  override render() {
    const { unit, mode } = this;
    const prompt =
      unit === undefined
        ? 'Scan the pallet or case'
        : { pack: 'Scan what goes in', unpack: 'Scan what comes out', break: 'Scan another' }[mode];
    return html`<floor-choice
        label="What to do"
        .value=${mode}
        .options=${[
          { value: 'pack', label: 'Pack' },
          { value: 'unpack', label: 'Take out' },
          { value: 'break', label: 'Break up' },
        ]}
        @value-change=${(event: CustomEvent<Mode>) => {
          this.mode = event.detail;
          this.packing = noPacking;
          this.#act.clear();
        }}
      ></floor-choice>
      <div class="columns">
        <div>
          <floor-scan-box
            .scanner=${this.parts.scanner}
            prompt=${prompt}
            looking=${this.#lookup.looking}
          ></floor-scan-box>
          ${lookupTrouble(this.#lookup, (text) => this.scanned(text), this.other)}
          <floor-result .result=${this.#act.result}></floor-result>
          ${unit === undefined ? nothing : this.#doPart(unit)}
        </div>
        <div>
          ${
            unit === undefined
              ? nothing
              : html`${unitCard(unit, this.known)}
                  <x-button @click=${() => this.#begin()}>Another pallet or case</x-button>`
          }
        </div>
      </div>`;
  }

  #doPart(unit: string): TemplateResult {
    const { packing, mode } = this;
    const many = packing.goods.length + packing.units.length;
    const missing = this.forbids(mode === 'pack' ? 'pack' : 'unpack') ?? this.#missing();
    const name = unitInText(unit);
    const doing = {
      pack: `Pack ${countOf(many, 'thing')} into ${name}`,
      unpack: `Take ${countOf(many, 'thing')} out of ${name}`,
      break: `Break up ${name}: take everything out`,
    }[mode];
    const heading = { pack: 'Goes in', unpack: 'Comes out', break: 'Break bulk' }[mode];
    return html`<section class="card" aria-label=${heading}>
      <h2>${heading}</h2>
      ${
        many === 0
          ? html`<p class="none">
              ${
                {
                  pack: 'Nothing yet. Scan items, serial numbers or whole cases.',
                  unpack: 'Nothing yet. Scan what comes out: items, serial numbers or whole cases.',
                  break:
                    'Everything in it stands loose in the zone afterwards; cases in it stay whole.',
                }[mode]
              }
            </p>`
          : this.#list()
      }
      <div class="form">
        ${
          mode === 'pack' && this.known?.zone === undefined
            ? html`<floor-choice
                label="It stands in"
                .value=${this.zone}
                .options=${this.zones.map(({ id, status }) => ({ value: id, label: id, note: status }))}
                @value-change=${(event: CustomEvent<string>) => (this.zone = event.detail)}
              ></floor-choice>`
            : nothing
        }
        <x-button
          class="wide"
          kind=${missing === undefined ? 'primary' : 'plain'}
          ?disabled=${missing !== undefined || this.#act.busy}
          @click=${() => this.#do(unit, doing)}
          >${this.#act.busy ? 'Sending…' : (missing ?? doing)}</x-button
        >
      </div>
    </section>`;
  }

  #list(): TemplateResult {
    const { packing } = this;
    return html`<ul class="rows">
      ${packing.units.map(
        (unit) =>
          html`<li class="line">
            <span class="name">${unitName(unit)}</span>
            <x-button
              label="Not this: ${unitName(unit)}"
              @click=${() => {
                this.packing = {
                  ...packing,
                  units: packing.units.filter((each) => each !== unit),
                };
              }}
              >Not this</x-button
            >
          </li>`,
      )}
      ${packing.goods.map(
        (goods, at) =>
          html`<li>
            <div class="line">
              <span class="name">${goodsWords(goods)}</span>
              <x-button
                label="Not this: ${goods.item}"
                @click=${() => (this.packing = withoutGoods(packing, at))}
                >Not this</x-button
              >
            </div>
            ${goods.lot === undefined ? nothing : html`<div class="note">lot ${goods.lot}</div>`}
            ${
              goods.serials.length > 0
                ? html`<div class="mono note">${goods.serials.join(' ')}</div>`
                : html`<div class="actions">
                    <floor-quantity
                      label="How many of ${goods.item}"
                      .value=${goods.quantity}
                      @value-change=${(event: CustomEvent<number | null>) => {
                        this.packing = withQuantity(this.packing, at, event.detail ?? undefined);
                      }}
                    ></floor-quantity>
                  </div>`
            }
          </li>`,
      )}
    </ul>`;
  }

  #missing(): string | undefined {
    const { mode, packing, known } = this;
    if (packing.goods.some(({ quantity }) => quantity === undefined)) return 'Say how many';
    if (mode === 'pack') {
      if (isEmpty(packing)) return 'Scan what goes in';
      return this.#where() === '' ? 'Choose where it stands' : undefined;
    }
    if (known === undefined) return 'Nobody knows what is in this unit';
    if (known.state !== 'here') return 'This unit does not stand here';
    return mode === 'unpack' && isEmpty(packing) ? 'Scan what comes out' : undefined;
  }

  #where(): string {
    return this.known?.zone ?? this.zone;
  }

  #take(subject: Subject): void {
    this.other = undefined;
    if (subject.type === 'zone') this.zone = subject.zone;
    else if (subject.type === 'unit') {
      if (this.unit === undefined) {
        this.#act.clear();
        this.unit = subject.unit;
        this.known = subject.known;
      } else if (this.mode === 'break') {
        this.#begin();
        this.#take(subject);
      } else if (subject.unit !== this.unit) this.packing = withUnit(this.packing, subject.unit);
    } else if (subject.type === 'goods') {
      if (this.unit === undefined) this.other = 'Scan the pallet or case first';
      else if (this.mode === 'break') this.other = 'To take single things out, choose “Take out”';
      else this.packing = withGoods(this.packing, subject);
    } else if (subject.type === 'unknown' && this.#isNewUnit(subject.text)) {
      this.#act.clear();
      this.unit = `lpn:${subject.text}`;
      this.known = undefined;
    } else {
      this.other =
        subject.type === 'document'
          ? `${subject.id} is a document`
          : `Nobody here knows ${subject.text}`;
    }
  }

  /** A label that nobody knows is a new pallet or case, where one may be begun. */
  #isNewUnit(text: string): boolean {
    return this.unit === undefined && this.mode === 'pack' && plate.test(text);
  }

  #do(unit: string, title: string): void {
    const { task } = this.view;
    const tasked = task === undefined ? {} : { task };
    const act =
      this.mode === 'pack'
        ? { ...packBody(unit, this.#where(), this.packing), ...tasked }
        : { ...unpackBody(unit, this.packing), ...tasked };
    void this.#act.run(title, act).then(async (result) => {
      if (result?.type !== 'applied' && result?.type !== 'waiting') return;
      this.packing = noPacking;
      const answer = await this.parts.data.find(unit);
      if (answer.ok && this.unit === unit) {
        this.known = answer.value.units.find((each) => each.unit === unit);
      }
    });
  }

  #begin(): void {
    this.unit = undefined;
    this.known = undefined;
    this.packing = noPacking;
    this.zone = '';
    this.#act.clear();
    this.#lookup.clear();
  }
}
customElements.define('pack-screen', PackScreen);
