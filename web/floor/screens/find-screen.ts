import type { FloorFound } from '#contracts/api/floor-api.ts';
import { html, nothing, type TemplateResult } from 'lit';
import { formatCount } from '../../format/numbers.ts';
import '../../ui/x-button.ts';
import '../../ui/x-notice.ts';
import '../../ui/x-skeleton.ts';
import { status } from '../../ui/status.ts';
import { ActController } from '../acts/act-controller.ts';
import { floorPath, type FloorView } from '../floor-paths.ts';
import { FloorScreen } from '../floor-screen.ts';
import { zoneOf } from '../scan/subject.ts';
import { SubjectController } from '../scan/subject-controller.ts';
import '../ui/floor-result.ts';
import '../ui/floor-scan-box.ts';
import { floorStyles } from '../ui/floor-styles.ts';
import { progressState } from '../ui/progress-bar.ts';
import { stockLine, unitCard } from '../ui/subject-parts.ts';
import { lookupTrouble } from '../ui/lookup-trouble.ts';
import { codeLines } from '../words/code-words.ts';
import { documentWords } from '../words/document-words.ts';

/** Says what a code is, where it is, and what can be done with it. */
export class FindScreen extends FloorScreen {
  static override styles = floorStyles;
  readonly #lookup = new SubjectController(this, () => this.parts);
  readonly #act = new ActController(this, () => this.parts);

  override connectedCallback(): void {
    super.connectedCallback();
    const { code } = this.view;
    if (code !== undefined) void this.#lookup.look(code);
  }

  /** What was found is in the URL: Back leads to what was found before. */
  protected override scanned(code: string): void {
    const { task } = this.view;
    if (this.view.code === code) void this.#lookup.look(code);
    else {
      const kept = task === undefined ? {} : { task };
      this.parts.router.go(floorPath({ screen: 'find', code, ...kept }));
    }
  }

  override render() {
    const { found, looking } = this.#lookup;
    return html`<floor-scan-box
        .scanner=${this.parts.scanner}
        prompt="Scan anything"
        hint="item, EPC, unit, lot …"
        looking=${looking}
      ></floor-scan-box>
      <floor-result .result=${this.#act.result}></floor-result>
      ${this.#task()}
      ${lookupTrouble(this.#lookup, (text) => void this.#lookup.look(text), undefined)}
      ${found === undefined ? this.#start() : this.#found(found)}`;
  }

  #start(): TemplateResult {
    const { code } = this.view;
    const zone = code === undefined ? undefined : zoneOf(code, this.parts.data.site.value);
    if (zone !== undefined) {
      return html`<section class="card form" aria-label="Zone">
        <h2>Zone ${zone}</h2>
        ${this.#actions([
          [{ screen: 'count', zone }, 'Count it'],
          [{ screen: 'sweep', zone }, 'Sweep it'],
        ])}
      </section>`;
    }
    if (this.#lookup.looking !== '') {
      return html`<x-skeleton rows="3" label="Looking up ${this.#lookup.text}"></x-skeleton>`;
    }
    if (this.#lookup.unanswered.length > 0) return html``;
    return html`<x-notice
      heading="What is it, and where?"
      advice="Scan a label or a tag, or type an item number, a lot, a unit or a document."
    ></x-notice>`;
  }

  /** A task that led here is ended here, when it has been looked into. */
  #task(): TemplateResult | typeof nothing {
    const { task } = this.view;
    if (task === undefined || this.forbids('resolve') !== undefined) return nothing;
    if (this.#act.result !== undefined) return nothing;
    const end = (outcome: 'done' | 'dismissed', title: string) =>
      void this.#act.run(title, { type: 'resolve', task, outcome });
    return html`<section class="card form" aria-label="Task">
      <p>You came from a task. Is it settled?</p>
      <div class="line">
        <x-button ?disabled=${this.#act.busy} @click=${() => end('dismissed', 'Dismiss the task')}
          >It was nothing</x-button
        >
        <x-button
          kind="primary"
          ?disabled=${this.#act.busy}
          @click=${() => end('done', 'Settle the task')}
          >It is settled</x-button
        >
      </div>
    </section>`;
  }

  #found(found: FloorFound): TemplateResult {
    const any =
      found.rows.length + found.serials.length + found.units.length + found.documents.length > 0 ||
      found.expectedOn.length > 0;
    return html`<div class="columns">
      <div>
        ${this.#what(found)}
        ${
          any || found.unit !== null
            ? nothing
            : html`<x-notice
                heading="Nobody here knows this"
                advice="Nothing in the book, and on no document. Check the label, or ask the office."
              ></x-notice>`
        }
        ${found.units.slice(0, 10).map((unit) => unitCard(unit.unit, unit))}
      </div>
      <div>${this.#rows(found)} ${this.#serials(found)} ${this.#expected(found)}</div>
    </div>`;
  }

  #what(found: FloorFound): TemplateResult {
    const { text, trouble } = found.code;
    const lines = codeLines(found);
    const code = this.view.code ?? text;
    const doing: [FloorView, string][] = [];
    if (found.rows.length > 0 || found.units.some(({ state }) => state === 'here')) {
      doing.push([{ screen: 'move', code }, 'Move'], [{ screen: 'hold', code }, 'Hold']);
    }
    if (found.rows.length > 0) doing.push([{ screen: 'adjust', code }, 'Adjust']);
    if (found.unit !== null) {
      doing.push([{ screen: 'pack', code }, 'Pack / unpack'], [{ screen: 'check', code }, 'Check']);
    }
    for (const type of ['receipt', 'shipment'] as const) {
      const document =
        found.expectedOn.find((on) => on.type === type)?.document ??
        found.documents.find((one) => one.type === type)?.id;
      const { screen, verb } = documentWords[type];
      if (document !== undefined) doing.push([{ screen, document }, `${verb} on ${document}`]);
    }
    return html`<section class="card" aria-label="What it is">
      <h2>${found.item?.item ?? lines[0]?.[1] ?? text}</h2>
      <div class="form">
        ${
          trouble === undefined
            ? nothing
            : html`<div>
                ${status('bad', 'the code is wrong')}
                <span class="note">It was read as plain text: ${troubleWords[trouble]}.</span>
              </div>`
        }
        <dl class="facts">
          ${lines.map(
            ([name, value]) =>
              html`<dt>${name}</dt>
                <dd>${value}</dd>`,
          )}
        </dl>
        ${this.#actions(doing)}
      </div>
    </section>`;
  }

  #actions(doing: readonly (readonly [FloorView, string])[]): TemplateResult | typeof nothing {
    if (doing.length === 0) return nothing;
    return html`<div class="actions">
      ${doing.map(
        ([view, words]) =>
          html`<x-button @click=${() => this.parts.router.go(floorPath(view))}>${words}</x-button>`,
      )}
    </div>`;
  }

  #rows({ rows }: FloorFound): TemplateResult | typeof nothing {
    if (rows.length === 0) return nothing;
    return html`<section class="card" aria-label="In the book">
      <h2>In the book</h2>
      <ul class="rows">
        ${rows.slice(0, 60).map((row) => html`<li>${stockLine(row, row.zone)}</li>`)}
      </ul>
    </section>`;
  }

  #serials({ serials }: FloorFound): TemplateResult | typeof nothing {
    if (serials.length === 0) return nothing;
    return html`<section class="card" aria-label="Single things">
      <h2>Single things</h2>
      <ul class="rows">
        ${serials.slice(0, 40).map(
          ({ epc, zone, seenIn }) =>
            html`<li>
              <div class="line">
                <span class="mono">${epc}</span>${
                  seenIn === null
                    ? status('unknown', 'not seen by readers')
                    : status(seenIn === zone ? 'ok' : 'warn', `readers see it in ${seenIn}`)
                }
              </div>
              <div class="note">${zone === null ? 'not in the book' : `booked in ${zone}`}</div>
            </li>`,
        )}
      </ul>
    </section>`;
  }

  #expected({ expectedOn }: FloorFound): TemplateResult | typeof nothing {
    if (expectedOn.length === 0) return nothing;
    return html`<section class="card" aria-label="Expected">
      <h2>Expected</h2>
      <ul class="rows">
        ${expectedOn.slice(0, 20).map(
          ({ document, line, type, expected, seen }) =>
            html`<li>
              <div class="line">
                <span class="name">${document}, line ${line}</span
                >${seen === null ? progressState(seen, expected) : status('info', `${formatCount(seen)} of ${formatCount(expected)}`)}
              </div>
              <div class="note">${type === 'receipt' ? 'to come in' : 'to go out'}</div>
            </li>`,
        )}
      </ul>
    </section>`;
  }
}
customElements.define('find-screen', FindScreen);

const troubleWords: Readonly<Record<NonNullable<FloorFound['code']['trouble']>, string>> = {
  'check-digit': 'its check digit does not fit',
  'unknown-identifier': 'it has an element nobody knows',
  'bad-value': 'one of its values does not fit',
  'compressed-link': 'its link is compressed',
};
