import type { FloorStockRow } from '#contracts/api/floor-api.ts';
import type { ActOf } from '#contracts/acts.ts';
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit';
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
import type { Subject } from '../scan/subject.ts';
import { SubjectController } from '../scan/subject-controller.ts';
import '../ui/floor-choice.ts';
import '../ui/floor-quantity.ts';
import '../ui/floor-result.ts';
import '../ui/floor-scan-box.ts';
import { floorStyles } from '../ui/floor-styles.ts';
import { rowKey, rowNote, unitCard } from '../ui/subject-parts.ts';
import { lookupTrouble } from '../ui/lookup-trouble.ts';
import { unitInText } from '../words/act-words.ts';

/**
 * A screen that acts on something in the book: scan or type what, choose which account of it if
 * there are several, say how many. What is done with it is the screen's own part.
 */
export abstract class SubjectScreen extends FloorScreen {
  static override styles = floorStyles;
  static override properties: PropertyDeclarations = {
    subject: { state: true },
    picked: { state: true },
    row: { state: true },
    other: { state: true },
  };
  declare subject: Subject | undefined;
  declare picked: PickedGoods | undefined;
  /** The account that it is taken from. */
  declare row: FloorStockRow | undefined;
  /** Something was scanned that does not belong here, and what it was. */
  declare other: string | undefined;
  protected readonly lookup = new SubjectController(this, () => this.parts);
  protected readonly act = new ActController(this, () => this.parts);

  constructor() {
    super();
    this.subject = undefined;
    this.picked = undefined;
    this.row = undefined;
    this.other = undefined;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const { code } = this.view;
    if (code !== undefined) this.scanned(code);
  }

  /** Accounts that may be chosen here, most first. */
  protected rowsOf(rows: readonly FloorStockRow[]): readonly FloorStockRow[] {
    return rows;
  }

  /** A zone was scanned: where it goes, or where it is. */
  protected zoneScanned(zone: string): void {
    const row = this.rows.find((each) => each.zone === zone);
    if (row === undefined) this.other = `Nothing of it is in ${zone}`;
    else this.row = row;
  }

  protected override scanned(text: string): void {
    void this.lookup.look(text).then((subject) => {
      if (subject !== undefined) this.#take(subject);
    });
  }

  /** Begins with an account that was tapped in a list. */
  protected async choose(row: FloorStockRow): Promise<void> {
    const subject = await this.lookup.look(row.item);
    if (subject?.type !== 'goods') return;
    const lot = row.lot ?? undefined;
    this.#take({ ...subject, lot });
    this.row = this.rows.find((each) => rowKey(each) === rowKey(row)) ?? row;
  }

  protected get rows(): readonly FloorStockRow[] {
    return this.subject?.type === 'goods' ? this.rowsOf(this.subject.rows) : [];
  }

  /** For the next one. */
  protected reset(): void {
    this.subject = undefined;
    this.picked = undefined;
    this.row = undefined;
    this.other = undefined;
    this.lookup.clear();
  }

  /** What the act is about; undefined while something is not said yet. */
  protected get what(): ActOf<'move'>['what'] | undefined {
    if (this.subject?.type === 'unit') return { unit: this.subject.unit };
    const { picked, row } = this;
    if (picked?.quantity === undefined || row === undefined) return undefined;
    return { goods: goodsOf({ ...picked, quantity: picked.quantity }, row) };
  }

  /** `24 × 22423`, `unit …30084`. */
  protected get whatWords(): string {
    if (this.subject?.type === 'unit') return unitInText(this.subject.unit);
    return this.picked === undefined ? '' : goodsWords(this.picked);
  }

  /** Where it stands now. */
  protected get from(): string | undefined {
    if (this.subject?.type === 'unit') return this.subject.known?.zone ?? undefined;
    return this.row?.zone;
  }

  /** What is still missing before it can be done, as a request. */
  protected get missing(): string | undefined {
    const { subject, picked, row } = this;
    if (subject === undefined) return 'Scan something first';
    if (subject.type === 'unit') {
      return this.from === undefined ? 'This unit does not stand here' : undefined;
    }
    if (subject.type !== 'goods') return 'Scan an item or a unit';
    if (row === undefined) {
      return this.rows.length === 0 ? 'None of it is in the book here' : 'Choose where it is';
    }
    if (subject.tracking === 'serial' && picked?.serials.length === 0) {
      return 'Scan the serial number of each';
    }
    return picked?.quantity === undefined ? 'Say how many' : undefined;
  }

  protected scanBox(prompt: string): TemplateResult {
    const { lookup } = this;
    return html`<floor-scan-box
        .scanner=${this.parts.scanner}
        prompt=${prompt}
        looking=${lookup.looking}
      ></floor-scan-box>
      ${lookupTrouble(lookup, (text) => this.scanned(text), this.other)}`;
  }

  protected resultPart(): TemplateResult {
    return html`<floor-result .result=${this.act.result}></floor-result>`;
  }

  /** What was scanned: a unit with its content, or an item with how many and from where. */
  protected subjectPart(): TemplateResult | typeof nothing {
    const { subject } = this;
    if (subject?.type === 'unit') return unitCard(subject.unit, subject.known);
    return subject?.type === 'goods' ? this.#goodsPart(subject.item, subject.lot) : nothing;
  }

  #goodsPart(item: string, lot: string | undefined): TemplateResult {
    const { rows } = this;
    return html`<section class="card" aria-label="What">
      <div class="title">
        <h2>${item}</h2>
        <span class="note">${lot === undefined ? '' : `lot ${lot}`}</span>
      </div>
      <div class="form">
        ${
          rows.length === 0
            ? html`<p class="muted">None of it is in the book here.</p>`
            : html`<floor-choice
                wide
                label="Where it is"
                .value=${this.row === undefined ? '' : rowKey(this.row)}
                .options=${rows.slice(0, 12).map((row) => ({
                  value: rowKey(row),
                  label: row.zone,
                  note: rowNote(row),
                }))}
                @value-change=${(event: CustomEvent<string>) => {
                  this.row = rows.find((row) => rowKey(row) === event.detail);
                }}
              ></floor-choice>`
        }
        ${this.#quantityPart()}
      </div>
    </section>`;
  }

  #quantityPart(): TemplateResult | typeof nothing {
    const { picked, row, subject } = this;
    if (picked === undefined || subject?.type !== 'goods' || this.rows.length === 0) return nothing;
    if (subject.tracking === 'serial' || picked.serials.length > 0) {
      return html`<div>
        <span class="label">Serial numbers, scan each: ${picked.serials.length} so far</span>
        <ul>
          ${picked.serials.map((epc) => html`<li class="mono">${epc}</li>`)}
        </ul>
      </div>`;
    }
    const most = this.mostOf(row);
    return html`<floor-quantity
      label="How many"
      .value=${picked.quantity}
      .most=${most ?? 1_000_000_000}
      mostWhy=${most === undefined ? '' : `in ${row?.zone ?? 'the book'}`}
      @value-change=${(event: CustomEvent<number | null>) => {
        this.picked = { ...picked, quantity: event.detail ?? undefined };
      }}
    ></floor-quantity>`;
  }

  /** The most that may be said; undefined: as many as one likes, or nobody may know. */
  protected mostOf(row: FloorStockRow | undefined): number | undefined {
    return row?.quantity === null || row === undefined ? undefined : Math.max(1, row.quantity);
  }

  #take(subject: Subject): void {
    this.other = undefined;
    if (subject.type === 'zone') {
      this.zoneScanned(subject.zone);
      return;
    }
    if (subject.type === 'document' || subject.type === 'unknown') {
      this.other =
        subject.type === 'document'
          ? `${subject.id} is a document. Scan an item or a unit`
          : `Nobody here knows ${subject.text}`;
      return;
    }
    // What was done before stays in sight until the next thing begins.
    if (this.subject === undefined) this.act.clear();
    if (subject.type === 'unit') {
      this.subject = subject;
      this.picked = undefined;
      this.row = undefined;
      return;
    }
    const before = this.picked;
    this.other = notAdded(subject, subject.tracking === 'serial', before);
    this.picked = this.subject?.type === 'goods' ? pickMore(before, subject) : pick(subject);
    const same = before?.item === subject.item && this.row !== undefined;
    this.subject = same && this.subject?.type === 'goods' ? this.subject : subject;
    if (!same) this.row = this.rows.length === 1 ? this.rows[0] : this.#rowOfEpc(subject.epc);
  }

  /** A single thing says itself where the book has it. */
  #rowOfEpc(epc: string | undefined): FloorStockRow | undefined {
    const serial = this.lookup.found?.serials.find((each) => each.epc === epc);
    if (serial === undefined) return undefined;
    return this.rows.find((row) => row.zone === serial.zone && row.status === serial.status);
  }
}
