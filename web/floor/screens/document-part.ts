import type { FloorDocument } from '#contracts/api/floor-api.ts';
import { html, nothing, type TemplateResult } from 'lit';
import type { ApiProblem } from '../../data/api-problem.ts';
import '../../ui/x-button.ts';
import '../../ui/x-notice.ts';
import '../../ui/x-skeleton.ts';
import { ActController } from '../acts/act-controller.ts';
import { goodsOf, goodsWords, notAdded, pick, pickMore } from '../acts/picked-goods.ts';
import type { PickedGoods } from '../acts/picked-goods.ts';
import { FreeStock } from '../acts/free-stock.ts';
import { differenceWords, isBySerial, lineFor, quantitiesOf } from '../acts/receipt-model.ts';
import type { ReceiptLine } from '../acts/receipt-model.ts';
import { floorProblemWords } from '../data/floor-problem.ts';
import { floorPath } from '../floor-paths.ts';
import { FloorScreen } from '../floor-screen.ts';
import type { Subject } from '../scan/subject.ts';
import { SubjectController } from '../scan/subject-controller.ts';
import '../ui/floor-choice.ts';
import '../ui/floor-quantity.ts';
import '../ui/floor-result.ts';
import '../ui/floor-scan-box.ts';
import { floorStyles } from '../ui/floor-styles.ts';
import { documentHead, documentLines, documentUnits } from '../ui/document-lists.ts';
import { documentDoors } from '../ui/door-parts.ts';
import { rowKey, rowNote } from '../ui/subject-parts.ts';
import { lookupTrouble } from '../ui/lookup-trouble.ts';
import { unitInText, unitName } from '../words/act-words.ts';
import { documentWords, type DocumentWords } from '../words/document-words.ts';

/**
 * One expected receipt or shipment: its lines, its announced units, what the doors saw of it, and
 * what is being taken in or sent out right now.
 */
export class DocumentPart extends FloorScreen {
  static override styles = floorStyles;
  static override properties = {
    document: { type: String },
    known: { state: true },
    problem: { state: true },
    line: { state: true },
    picked: { state: true },
    zone: { state: true },
    other: { state: true },
    closing: { state: true },
    choosing: { state: true },
  };
  declare document: string;
  declare known: FloorDocument | undefined;
  declare problem: ApiProblem | undefined;
  /** The line that is being taken in, by number. */
  declare line: number | undefined;
  declare picked: PickedGoods | undefined;
  declare zone: string;
  declare other: string | undefined;
  /** Closing was pressed, and what it leaves open is shown. */
  declare closing: boolean;
  /** The zones are shown to choose another one. */
  declare choosing: boolean;
  readonly #lookup = new SubjectController(this, () => this.parts);
  readonly #act = new ActController(this, () => this.parts);
  /** Of a shipment: where the goods are. */
  readonly #free = new FreeStock(this, () => this.parts);
  #suggested = false;
  #endSettled: () => void = () => {};

  constructor() {
    super();
    this.known = undefined;
    this.problem = undefined;
    this.line = undefined;
    this.picked = undefined;
    this.zone = '';
    this.other = undefined;
    this.closing = false;
    this.choosing = false;
  }

  protected override watched() {
    return [this.parts.data.site, this.parts.data.doors];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#endSettled = this.parts.outbox.settled.add(() => void this.#load());
    const { code } = this.view;
    void this.#load().then(() => {
      if (code !== undefined) this.scanned(code);
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#endSettled();
  }

  protected override scanned(text: string): void {
    void this.#lookup.look(text).then((subject) => {
      if (subject !== undefined) this.#take(subject);
    });
  }

  override render() {
    const { known, problem } = this;
    if (known === undefined) {
      if (problem === undefined) {
        return html`<x-skeleton rows="5" label="Loading ${this.document}"></x-skeleton>`;
      }
      const { title, advice } = floorProblemWords(problem);
      return html`<x-notice tone="bad" heading=${title} advice=${advice}
        ><x-button @click=${() => void this.#load()}>Try again</x-button></x-notice
      >`;
    }
    const words = documentWords[known.type];
    const nowMs = this.parts.hubTime.nowMs();
    return html`<div class="columns">
      <div>
        ${this.#head(known, nowMs)}
        <floor-scan-box
          .scanner=${this.parts.scanner}
          prompt="Scan an item or a unit"
          looking=${this.#lookup.looking}
        ></floor-scan-box>
        ${lookupTrouble(this.#lookup, (text) => this.scanned(text), this.other)}
        <floor-result .result=${this.#act.result}></floor-result>
        ${this.#taking(known)}
        ${documentDoors(this.parts.data.doors.value?.doors ?? [], known.id, nowMs)}
      </div>
      <div>
        ${documentLines(known.lines, words, this.line, (line) => this.#tap(line))}
        ${documentUnits(known.units, words, this.#unitMissing, (unit) => this.#doUnit(unit))}
        ${this.#close(known)}
      </div>
    </div>`;
  }

  #head(known: FloorDocument, nowMs: number): TemplateResult {
    return html`<section class="card form" aria-label="Document">
      ${documentHead(known, nowMs)} ${known.type === 'receipt' ? this.#zonePart() : nothing}
    </section>`;
  }

  /** Chosen once, it makes room for what is scanned. */
  #zonePart(): TemplateResult {
    if (this.zone !== '' && !this.choosing) {
      return html`<div class="line">
        <span><span class="muted">Into</span> <b>${this.zone}</b></span>
        <x-button label="Change the zone" @click=${() => (this.choosing = true)}>Change</x-button>
      </div>`;
    }
    return html`<floor-choice
      label="Into zone"
      .value=${this.zone}
      .options=${this.zones.map(({ id, status: note }) => ({ value: id, label: id, note }))}
      @value-change=${(event: CustomEvent<string>) => {
        this.zone = event.detail;
        this.choosing = false;
      }}
    ></floor-choice>`;
  }

  #taking(known: FloorDocument): TemplateResult | typeof nothing {
    const line = known.lines.find((each) => each.line === this.line);
    const { picked } = this;
    if (line === undefined || picked === undefined) return nothing;
    const { act, toward, verb } = documentWords[known.type];
    const bySerial = isBySerial(line, known);
    const missing = this.#missing(line, picked, bySerial);
    return html`<section class="card" aria-label=${verb}>
      <div class="title">
        <h2>${line.item}</h2>
        <span class="note"
          >${line.lot === null ? '' : `lot ${line.lot} · `}${quantitiesOf(line).left}</span
        >
      </div>
      <div class="form">
        ${act === 'ship' ? this.#fromPart() : nothing}
        ${
          bySerial || picked.serials.length > 0
            ? html`<div>
                <span class="label"
                  >Serial numbers, scan each: ${picked.serials.length} so far</span
                >
                <ul>
                  ${picked.serials.map((epc) => html`<li class="mono">${epc}</li>`)}
                </ul>
              </div>`
            : html`<floor-quantity
                label="How many"
                .value=${picked.quantity}
                .most=${quantitiesOf(line).most}
                mostWhy=${`still to be ${documentWords[known.type].done}`}
                @value-change=${(event: CustomEvent<number | null>) => {
                  this.picked = { ...picked, quantity: event.detail ?? undefined };
                }}
              ></floor-quantity>`
        }
        <x-button
          class="wide"
          kind=${missing === undefined ? 'primary' : 'plain'}
          ?disabled=${missing !== undefined || this.#act.busy}
          @click=${() => this.#do(line, picked)}
          >${
            this.#act.busy
              ? 'Sending…'
              : (missing ?? `${verb} ${goodsWords(picked)} ${toward} ${this.#place}`)
          }</x-button
        >
      </div>
    </section>`;
  }

  /** Where the book has it: what goes out leaves one of these. */
  #fromPart(): TemplateResult {
    const { row, rows } = this.#free;
    if (rows.length === 0) return html`<p class="muted">None of it is free in the book here.</p>`;
    return html`<floor-choice
      wide
      label="From where"
      .value=${row === undefined ? '' : rowKey(row)}
      .options=${rows.map((each) => ({
        value: rowKey(each),
        label: each.zone,
        note: rowNote(each),
      }))}
      @value-change=${(event: CustomEvent<string>) =>
        this.#free.choose(rows.find((each) => rowKey(each) === event.detail))}
    ></floor-choice>`;
  }

  #findFree(line: ReceiptLine): void {
    if (this.#words.act === 'ship') void this.#free.find(line, this.known?.zone ?? null);
  }

  /** Where goods go to, or come from. */
  get #place(): string {
    return this.#words.act === 'ship' ? (this.#free.row?.zone ?? '') : this.zone;
  }

  #missing(line: ReceiptLine, picked: PickedGoods, bySerial: boolean): string | undefined {
    const forbidden = this.forbids(this.#words.act);
    if (forbidden !== undefined) return forbidden;
    if (this.known?.state === 'closed') return 'This document is closed';
    if (this.#place === '') {
      return this.#words.act === 'ship' ? 'Choose from where' : 'Choose the zone';
    }
    if (line.room === 0) return 'Nothing more is expected on this line';
    if (bySerial && picked.serials.length === 0) return 'Scan the serial number of each';
    return picked.quantity === undefined ? 'Say how many' : undefined;
  }

  /** Why no unit can be taken in right now. */
  get #unitMissing(): string | undefined {
    const { act } = this.#words;
    if (this.#act.busy) return 'Sending…';
    const zone = act === 'receive' && this.zone === '' ? 'Choose the zone' : undefined;
    return this.forbids(act) ?? zone;
  }

  get #words(): DocumentWords {
    return documentWords[this.known?.type ?? 'receipt'];
  }

  #close(known: FloorDocument): TemplateResult | typeof nothing {
    if (known.state === 'closed' || this.forbids('close') !== undefined) return nothing;
    const difference = differenceWords(known.lines);
    if (!this.closing) {
      return html`<x-button class="wide" @click=${() => (this.closing = true)}
        >Close ${known.id} …</x-button
      >`;
    }
    return html`<section class="card form" aria-label="Close the document">
      <p>
        ${difference === undefined ? this.#words.complete : `It stays a difference: ${difference}.`}
        Nothing more is ${this.#words.done} on it afterwards.
      </p>
      <div class="line">
        <x-button @click=${() => (this.closing = false)}>Not yet</x-button>
        <x-button kind="primary" ?disabled=${this.#act.busy} @click=${this.#closeIt}
          >Close ${known.id}</x-button
        >
      </div>
    </section>`;
  }

  #tap(line: ReceiptLine): void {
    this.#act.clear();
    this.other = undefined;
    this.line = line.line;
    this.#suggested = true;
    const quantity = quantitiesOf(line).proposed;
    const serials: readonly string[] = [];
    const bySerial = line.tracking?.startsWith('serial') === true;
    const suggested = bySerial ? undefined : quantity;
    this.picked = { item: line.item, lot: line.lot ?? undefined, quantity: suggested, serials };
    this.#findFree(line);
  }

  #take(subject: Subject): void {
    this.other = undefined;
    if (subject.type === 'zone') this.zone = subject.zone;
    else if (subject.type === 'unit') {
      if (this.#unitMissing === undefined) this.#doUnit(subject.unit);
      else this.other = this.#unitMissing;
    } else if (subject.type === 'goods') {
      const line = lineFor(this.known?.lines ?? [], subject);
      if (line === undefined) {
        const lot = subject.lot === undefined ? '' : ` lot ${subject.lot}`;
        this.other = `${subject.item}${lot} is not on ${this.document}`;
        return;
      }
      if (this.line !== line.line) this.#act.clear();
      this.other = notAdded(subject, isBySerial(line, this.known), this.picked);
      // A figure that a tap suggested gives way to what is scanned one by one.
      const same = this.line === line.line && !this.#suggested;
      this.#suggested = false;
      const lot = subject.lot ?? line.lot ?? undefined;
      const counted = { ...subject, lot, count: subject.count ?? 1 };
      this.picked = same ? pickMore(this.picked, counted) : pick(counted);
      this.line = line.line;
      if (!same) this.#findFree(line);
    } else {
      this.other =
        subject.type === 'document'
          ? `${subject.id} is another document`
          : `Nobody here knows ${subject.text}`;
    }
  }

  #do(line: ReceiptLine, picked: PickedGoods): void {
    if (picked.quantity === undefined) return;
    const { act, toward, verb } = this.#words;
    const { row } = this.#free;
    const goods = goodsOf({ ...picked, quantity: picked.quantity }, row);
    const title = `${verb} ${goodsWords(picked)} ${toward} ${this.#place}`;
    const run = this.#act.run(title, {
      type: act,
      what: { goods: { ...goods, owner: line.owner } },
      zone: this.#place,
      document: { id: this.document, line: line.line },
      ...(row === undefined ? {} : { status: row.status }),
    });
    void run.then((result) => {
      if (result?.type !== 'applied' && result?.type !== 'waiting') return;
      this.line = undefined;
      this.picked = undefined;
      this.#free.clear();
    });
  }

  #doUnit(unit: string): void {
    const announced = this.known?.units.find((each) => each.unit === unit);
    if (announced === undefined) {
      this.other = `${unitName(unit)} is not announced on ${this.document}`;
      return;
    }
    const { act, toward, verb } = this.#words;
    const zone = act === 'ship' ? announced.zone : this.zone;
    if (zone === null) {
      this.other = `${unitName(unit)} does not stand here`;
      return;
    }
    void this.#act.run(`${verb} ${unitInText(unit)} ${toward} ${zone}`, {
      type: act,
      what: { unit },
      zone,
      document: { id: this.document },
    });
  }

  readonly #closeIt = (): void => {
    this.closing = false;
    const { task } = this.view;
    void this.#act.run(`Close ${this.document}`, {
      type: 'close',
      document: { id: this.document },
      ...(task === undefined ? {} : { task }),
    });
  };

  async #load(): Promise<void> {
    this.problem = undefined;
    const answer = await this.parts.data.document(this.document);
    if (!answer.ok) {
      this.problem = answer.problem;
      return;
    }
    this.known = answer.value;
    const { screen } = this.#words;
    if (this.view.screen !== screen) {
      this.parts.router.go(floorPath({ ...this.view, screen }), 'replace');
    }
    if (this.zone === '' && answer.value.type === 'receipt') {
      const receiving = this.zones.find(({ status }) => status === 'receiving');
      this.zone = answer.value.zone ?? receiving?.id ?? '';
    }
  }
}
customElements.define('document-part', DocumentPart);
