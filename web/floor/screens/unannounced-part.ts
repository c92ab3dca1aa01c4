import { html, nothing, type TemplateResult } from 'lit';
import '../../ui/x-button.ts';
import '../../ui/x-notice.ts';
import { ActController } from '../acts/act-controller.ts';
import {
  goodsOf,
  goodsWords,
  notAdded,
  pick,
  pickMore,
  type PickedGoods,
} from '../acts/picked-goods.ts';
import { FloorScreen } from '../floor-screen.ts';
import { SubjectController } from '../scan/subject-controller.ts';
import '../ui/floor-choice.ts';
import '../ui/floor-quantity.ts';
import '../ui/floor-result.ts';
import '../ui/floor-scan-box.ts';
import { floorStyles } from '../ui/floor-styles.ts';
import { lookupTrouble } from '../ui/lookup-trouble.ts';

/** Goods from another gateway that nobody has announced, as with the hub away: said by a person. */
export class UnannouncedPart extends FloorScreen {
  static override styles = floorStyles;
  static override properties = {
    gateways: { attribute: false },
    known: { attribute: false },
    from: { state: true },
    into: { state: true },
    picked: { state: true },
    other: { state: true },
  };
  /** That goods may come from. */
  declare gateways: readonly string[];
  /** Whether a code is of something that is announced; then it is dealt with there. */
  declare known: (text: string) => boolean;
  declare from: string;
  declare into: string;
  declare picked: PickedGoods | undefined;
  declare other: string | undefined;
  readonly #lookup = new SubjectController(this, () => this.parts);
  readonly #act = new ActController(this, () => this.parts);

  constructor() {
    super();
    this.gateways = [];
    this.known = () => false;
    this.from = '';
    this.into = '';
    this.picked = undefined;
    this.other = undefined;
  }

  protected override scanned(text: string): void {
    if (this.known(text)) return;
    void this.#lookup.look(text).then((subject) => {
      if (subject === undefined) return;
      if (subject.type === 'goods' && subject.epc !== undefined && this.known(subject.epc)) {
        this.#lookup.clear();
      } else if (subject.type === 'zone') this.into = subject.zone;
      else if (subject.type === 'goods') {
        this.other = notAdded(subject, subject.tracking === 'serial', this.picked);
        this.picked = this.picked === undefined ? pick(subject) : pickMore(this.picked, subject);
      } else this.other = `${text} is no item`;
    });
  }

  override render(): TemplateResult | typeof nothing {
    if (this.gateways.length === 0) return nothing;
    const { from, into, picked } = this;
    const missing =
      this.forbids('receive') ??
      (picked === undefined ? 'Scan what came' : undefined) ??
      (picked?.quantity === undefined ? 'Say how many' : undefined) ??
      (from === '' ? 'Choose where it is from' : undefined) ??
      (into === '' ? 'Choose where it is' : undefined);
    return html`<section class="card" aria-label="Not announced">
      <h2>Not in the list</h2>
      <div class="form">
        <p class="muted">It came from another gateway, and nobody has said so yet.</p>
        <floor-scan-box
          .scanner=${this.parts.scanner}
          prompt="Scan what came"
          looking=${this.#lookup.looking}
        ></floor-scan-box>
        ${lookupTrouble(this.#lookup, (text) => this.scanned(text), this.other)} ${this.#what()}
        ${this.#choice('From', from, this.gateways, (value) => (this.from = value))}
        ${this.#choice(
          'Into',
          into,
          this.zones.map(({ id }) => id),
          (value) => (this.into = value),
        )}
        <floor-result .result=${this.#act.result}></floor-result>
        <x-button
          class="wide"
          ?disabled=${missing !== undefined || this.#act.busy}
          @click=${this.#receive}
          >${missing ?? `Receive ${picked === undefined ? '' : goodsWords(picked)} from ${from}`}</x-button
        >
      </div>
    </section>`;
  }

  #what(): TemplateResult | typeof nothing {
    const { picked } = this;
    if (picked === undefined) return nothing;
    if (picked.serials.length > 0) {
      return html`<p>${picked.item}: ${picked.serials.length} serial numbers</p>`;
    }
    return html`<floor-quantity
      label=${picked.lot === undefined ? picked.item : `${picked.item}, lot ${picked.lot}`}
      .value=${picked.quantity}
      .most=${1_000_000_000}
      @value-change=${(event: CustomEvent<number | null>) => {
        this.picked = { ...picked, quantity: event.detail ?? undefined };
      }}
    ></floor-quantity>`;
  }

  #choice(
    label: string,
    value: string,
    options: readonly string[],
    choose: (value: string) => void,
  ): TemplateResult {
    return html`<floor-choice
      label=${label}
      .value=${value}
      .options=${options.map((one) => ({ value: one, label: one }))}
      @value-change=${(event: CustomEvent<string>) => choose(event.detail)}
    ></floor-choice>`;
  }

  readonly #receive = (): void => {
    const { from, into, picked } = this;
    if (picked?.quantity === undefined) return;
    const goods = goodsOf({ ...picked, quantity: picked.quantity });
    const title = `Receive ${goodsWords(picked)} from ${from} into ${into}`;
    const run = this.#act.run(title, { type: 'receive', what: { goods }, from, zone: into });
    void run.then((result) => {
      if (result?.type !== 'applied' && result?.type !== 'waiting') return;
      this.picked = undefined;
      this.#lookup.clear();
    });
  };
}
customElements.define('unannounced-part', UnannouncedPart);
