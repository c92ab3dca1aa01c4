import type { FloorUnit } from '#contracts/api/floor-api.ts';
import { html, nothing, type TemplateResult } from 'lit';
import { countOf, formatCount } from '../../format/numbers.ts';
import { formatMinute } from '../../format/times.ts';
import '../../ui/x-button.ts';
import '../../ui/x-notice.ts';
import { status } from '../../ui/status.ts';
import { ActController } from '../acts/act-controller.ts';
import type { NewAct } from '../acts/act-outbox.ts';
import { FloorScreen } from '../floor-screen.ts';
import { SubjectController } from '../scan/subject-controller.ts';
import '../ui/floor-choice.ts';
import '../ui/floor-result.ts';
import '../ui/floor-scan-box.ts';
import { floorStyles } from '../ui/floor-styles.ts';
import { unitCard } from '../ui/subject-parts.ts';
import { lookupTrouble } from '../ui/lookup-trouble.ts';
import { unitInText, unitName } from '../words/act-words.ts';

/**
 * Opens a unit of which readers saw only a part: what was not read is scanned by hand. Then all of
 * it is taken as it was announced, or what is missing is taken out of it.
 */
export class CheckScreen extends FloorScreen {
  static override styles = floorStyles;
  static override properties = {
    unit: { state: true },
    known: { state: true },
    here: { state: true },
    zone: { state: true },
    other: { state: true },
  };
  declare unit: string | undefined;
  declare known: FloorUnit | undefined;
  /** EPCs that were found in it by hand. */
  declare here: ReadonlySet<string>;
  declare zone: string;
  declare other: string | undefined;
  readonly #lookup = new SubjectController(this, () => this.parts);
  readonly #act = new ActController(this, () => this.parts);

  constructor() {
    super();
    this.unit = undefined;
    this.known = undefined;
    this.here = new Set();
    this.zone = '';
    this.other = undefined;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const { code, zone } = this.view;
    this.zone = zone ?? '';
    if (code !== undefined) this.scanned(code);
  }

  protected override scanned(text: string): void {
    void this.#lookup.look(text).then((subject) => {
      this.other = undefined;
      if (subject === undefined) return;
      if (subject.type === 'zone') this.zone = subject.zone;
      else if (subject.type === 'unit') this.#begin(subject.unit, subject.known);
      else if (subject.type === 'goods' && subject.epc !== undefined) this.#found(subject.epc);
      else this.other = `${text} is no serial number and no unit`;
    });
  }

  override render() {
    const { known, unit } = this;
    return html`<div class="columns">
      <div>
        <floor-scan-box
          .scanner=${this.parts.scanner}
          prompt=${unit === undefined ? 'Scan the pallet or case' : 'Scan what was not read'}
          looking=${this.#lookup.looking}
        ></floor-scan-box>
        ${lookupTrouble(this.#lookup, (text) => this.scanned(text), this.other)}
        <floor-result .result=${this.#act.result}></floor-result>
        ${unit === undefined ? nothing : known === undefined ? nobody : this.#part(unit, known)}
      </div>
      <div>${unit === undefined ? nothing : unitCard(unit, known)}</div>
    </div>`;
  }

  #part(unit: string, known: FloorUnit): TemplateResult {
    const { seen } = known;
    const unread = seen?.unread ?? [];
    const missing = unread.filter((epc) => !this.here.has(epc));
    return html`<section class="card" aria-label="Not read">
      <div class="title">
        <h2>${unitName(unit)}</h2>
        ${
          seen === null
            ? status('unknown', 'never read')
            : status(
                seen.seen === seen.of ? 'ok' : 'warn',
                `${formatCount(seen.seen)} of ${formatCount(seen.of)} read`,
              )
        }
      </div>
      ${
        seen === null
          ? html`<p class="none">No reader has seen anything of it yet.</p>`
          : html`<p class="none">
              At ${seen.place}, ${formatMinute(seen.atMs, this.parts.hubTime.nowMs())}.
              ${unread.length === 0 ? 'Everything in it was read.' : 'These were not read:'}
            </p>`
      }
      <ul class="rows">
        ${unread.map(
          (epc) =>
            html`<li class="line">
              <span class="mono">${epc}</span>
              ${this.here.has(epc) ? status('ok', 'found') : status('unknown', 'not read')}
            </li>`,
        )}
      </ul>
      <div class="form">${this.#ways(unit, known, missing)}</div>
    </section>`;
  }

  /** How it may end: all of it is there, or some is not. */
  #ways(unit: string, known: FloorUnit, missing: readonly string[]): TemplateResult {
    const { act, title } = this.#acceptance(unit, known);
    const isHere = known.state === 'here';
    const wrong =
      act === undefined ? 'Choose the zone' : (this.forbids(act.type) ?? this.#lacksDocument(act));
    // Nothing asks about a unit that is here, unless somebody came from a task.
    const took = this.forbids('unpack') ?? (isHere ? undefined : 'Accept the unit first');
    return html`${
      isHere
        ? nothing
        : html`<floor-choice
            label="It stands in"
            .value=${this.zone}
            .options=${this.zones.map(({ id, status: note }) => ({ value: id, label: id, note }))}
            @value-change=${(event: CustomEvent<string>) => (this.zone = event.detail)}
          ></floor-choice>`
    }
    ${
      isHere && act === undefined
        ? nothing
        : html`<x-button
            class="wide"
            kind=${wrong === undefined ? 'primary' : 'plain'}
            ?disabled=${wrong !== undefined || this.#act.busy}
            @click=${() => act !== undefined && this.#do(title, act)}
            >${this.#act.busy ? 'Sending…' : (wrong ?? title)}</x-button
          >`
    }
    ${
      missing.length === 0
        ? nothing
        : html`<x-button
            class="wide"
            ?disabled=${took !== undefined || this.#act.busy}
            @click=${() => this.#takeOut(unit, missing)}
            >${took ?? `Take the ${formatCount(missing.length)} out: not there`}</x-button
          >`
    }`;
  }

  /** All of it is there: taken in, moved to where it is, or only said. */
  #acceptance(
    unit: string,
    { document, seen, state, zone }: FloorUnit,
  ): { readonly title: string; readonly act: NewAct | undefined } {
    const { task } = this.view;
    const tasked = task === undefined ? {} : { task };
    const all = seen === null ? unitInText(unit) : `all ${formatCount(seen.of)}`;
    const to = this.zone;
    if (state === 'here' && zone !== null) {
      if (to !== '' && to !== zone) {
        const act = { type: 'move', what: { unit }, zone, toZone: to, ...tasked } as const;
        return { title: `Accept ${all}: move from ${zone} to ${to}`, act };
      }
      const act =
        task === undefined ? undefined : ({ type: 'resolve', task, outcome: 'done' } as const);
      return { title: `Accept ${all} in ${zone}`, act };
    }
    const title = `Accept ${all}: receive into ${to}`;
    if (to === '') return { title, act: undefined };
    const on = document === null ? {} : { document: { id: document } };
    return { title, act: { type: 'receive', what: { unit }, zone: to, ...on, ...tasked } };
  }

  /** What no document announces cannot be taken in here at all. */
  #lacksDocument({ document, type }: NewAct): string | undefined {
    const only: readonly string[] = this.parts.data.site.value?.onDocumentOnly ?? [];
    return document === undefined && only.includes(type)
      ? 'Taken in only on a document: ask the office'
      : undefined;
  }

  #takeOut(unit: string, missing: readonly string[]): void {
    const { task } = this.view;
    const title = `Take ${countOf(missing.length, 'serial number')} out of ${unitInText(unit)}`;
    this.#do(title, {
      type: 'unpack',
      parent: unit,
      serials: [...missing],
      note: 'not there when the unit was checked',
      ...(task === undefined ? {} : { task }),
    });
  }

  #do(title: string, act: NewAct): void {
    const { unit } = this;
    void this.#act.run(title, act).then(async (result) => {
      if (result?.type !== 'applied' || unit === undefined) return;
      const answer = await this.parts.data.find(unit);
      if (answer.ok) this.known = answer.value.units.find((each) => each.unit === unit);
    });
  }

  #begin(unit: string, known: FloorUnit | undefined): void {
    if (this.unit !== unit) this.here = new Set();
    this.unit = unit;
    this.known = known;
  }

  #found(epc: string): void {
    const { known } = this;
    const inside = [
      ...(known?.serials ?? []),
      ...(known?.within ?? []).flatMap((of) => of.serials),
    ];
    if (inside.includes(epc)) this.here = new Set(this.here).add(epc);
    else this.other = `${epc} is not booked in this unit`;
  }
}
customElements.define('check-screen', CheckScreen);

const nobody = html`<x-notice
  kind="banner"
  tone="warn"
  heading="Nobody here knows this unit."
  advice="Look it up, or pack into it."
></x-notice>`;
