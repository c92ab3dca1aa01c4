import type { FloorActAnswer } from '#contracts/api/floor-api.ts';
import { css, html, nothing, type TemplateResult } from 'lit';
import type { ApiProblem } from '../../data/api-problem.ts';
import { countOf, formatCount, formatSigned } from '../../format/numbers.ts';
import { formatClock } from '../../format/times.ts';
import '../../ui/x-button.ts';
import '../../ui/x-notice.ts';
import '../../ui/x-skeleton.ts';
import { status } from '../../ui/status.ts';
import { ActController } from '../acts/act-controller.ts';
import {
  draftOf,
  foundOf,
  lineKey,
  openLines,
  resumed,
  withFound,
  withScan,
  type CountDraft,
  type CountLine,
} from '../acts/count-draft.ts';
import { dropCount, keepCount, keptCount, type CountKey } from '../acts/kept-count.ts';
import { floorProblemWords } from '../data/floor-problem.ts';
import { floorPath } from '../floor-paths.ts';
import { FloorScreen } from '../floor-screen.ts';
import { SubjectController } from '../scan/subject-controller.ts';
import '../ui/floor-quantity.ts';
import '../ui/floor-result.ts';
import '../ui/floor-scan-box.ts';
import { floorStyles } from '../ui/floor-styles.ts';
import { lookupTrouble } from '../ui/lookup-trouble.ts';
import { countResultWords, unitInText } from '../words/act-words.ts';

const sheetStyles = css`
  li.counted {
    display: flex;
    flex-wrap: wrap;
    gap: 8px var(--space-3);
    align-items: center;
    justify-content: space-between;
  }

  li.counted > :first-child {
    flex: 1 1 120px;
  }
`;

/** A zone's blind count: what to look for, never how much the book has. */
export class CountSheet extends FloorScreen {
  static override styles = [...floorStyles, sheetStyles];
  static override properties = {
    zone: { type: String },
    task: { type: String },
    draft: { state: true },
    problem: { state: true },
    other: { state: true },
    asking: { state: true },
    resumedMs: { state: true },
  };
  declare zone: string;
  declare task: string;
  declare draft: CountDraft | undefined;
  declare problem: ApiProblem | undefined;
  declare other: string | undefined;
  /** Lines without a figure were pointed out; pressing again means that there is nothing. */
  declare asking: boolean;
  /** When what this goes on with was counted; undefined: nothing was. */
  declare resumedMs: number | undefined;
  readonly #lookup = new SubjectController(this, () => this.parts);
  readonly #act = new ActController(this, () => this.parts);

  constructor() {
    super();
    this.draft = undefined;
    this.problem = undefined;
    this.other = undefined;
    this.asking = false;
    this.resumedMs = undefined;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  protected override scanned(text: string): void {
    void this.#lookup.look(text).then((subject) => {
      this.other = undefined;
      if (subject?.type === 'goods' && this.draft !== undefined) {
        this.#become(withScan(this.draft, subject));
      } else if (subject !== undefined) this.other = `${text} is not an item to count`;
    });
  }

  override render() {
    const { result } = this.#act;
    if (result?.type === 'applied' && result.answer.count !== null) {
      return html`${this.#outcome(result.answer.count)}`;
    }
    const { draft, problem } = this;
    if (draft === undefined) {
      if (problem === undefined) {
        return html`<x-skeleton rows="5" label="Loading what to count"></x-skeleton>`;
      }
      const { title, advice } = floorProblemWords(problem);
      return html`<x-notice tone="bad" heading=${title} advice=${advice}
        ><x-button @click=${() => void this.#load()}>Try again</x-button></x-notice
      >`;
    }
    return html`<floor-scan-box
        .scanner=${this.parts.scanner}
        prompt="Scan each thing in ${this.zone}"
        hint="or type its item number"
        looking=${this.#lookup.looking}
      ></floor-scan-box>
      ${lookupTrouble(this.#lookup, (text) => this.scanned(text), this.other)}
      <floor-result .result=${result}></floor-result>
      ${this.#resumed()}
      <section class="card" aria-label="What to count">
        <div class="title">
          <h2>${draft.recountOf === null ? `Count ${this.zone}` : `Recount ${this.zone}`}</h2>
          <span class="note"
            >${draft.lines.length - openLines(draft)} of ${countOf(draft.lines.length, 'line')}
            counted</span
          >
        </div>
        ${
          draft.lines.length === 0
            ? html`<p class="none">Nothing is known to be here. Scan what you find.</p>`
            : html`<ul class="rows">
                ${draft.lines.map((line) => this.#line(draft, line))}
              </ul>`
        }
      </section>
      ${this.#finish(draft)}`;
  }

  #resumed(): TemplateResult | typeof nothing {
    if (this.resumedMs === undefined) return nothing;
    return html`<x-notice
      kind="banner"
      heading="Goes on with what you counted until ${formatClock(this.resumedMs)}."
      ><x-button @click=${() => this.#beginAnew()}>Begin anew</x-button></x-notice
    >`;
  }

  #line(draft: CountDraft, line: CountLine): TemplateResult {
    const detail = [
      line.lot === null ? undefined : `lot ${line.lot}`,
      line.handlingUnit === null ? undefined : `in ${unitInText(line.handlingUnit)}`,
    ].filter((part) => part !== undefined);
    return html`<li class="counted">
      <div>
        <span class="name">${line.item}</span>
        ${line.extra ? status('info', 'found extra') : nothing}
        <div class="note">${detail.join(' · ')}</div>
      </div>
      <floor-quantity
        compact
        label=${[line.item, ...detail].join(', ')}
        .least=${0}
        .value=${line.found}
        @value-change=${(event: CustomEvent<number | null>) =>
          this.#become(withFound(this.draft ?? draft, lineKey(line), event.detail ?? undefined))}
      ></floor-quantity>
    </li>`;
  }

  #finish(draft: CountDraft): TemplateResult {
    const open = openLines(draft);
    const forbidden = this.forbids('count');
    const lines = countOf(draft.lines.length, 'line');
    const words =
      forbidden ??
      (this.asking && open > 0
        ? `Yes, nothing of ${countOf(open, 'line')} is here`
        : `Finish the count of ${lines}`);
    return html`${
        this.asking && open > 0
          ? html`<x-notice
              kind="banner"
              tone="warn"
              heading="${countOf(open, 'line')} without a figure."
              advice="Looked for, and nothing is there?"
            ></x-notice>`
          : nothing
      }<x-button
        class="wide"
        kind="primary"
        ?disabled=${forbidden !== undefined || this.#act.busy}
        @click=${() => this.#send(draft, open)}
        >${this.#act.busy ? 'Sending…' : words}</x-button
      >`;
  }

  #outcome({ result, lines }: NonNullable<FloorActAnswer['count']>): TemplateResult {
    const { tone, title, advice } = countResultWords[result];
    return html`<section class="card" aria-label="What the count led to" role="status">
      <div class="title">
        <h2>${title}</h2>
        ${status(tone, this.zone)}
      </div>
      <p class="none">${advice}</p>
      ${
        lines === null || lines.length === 0
          ? nothing
          : html`<ul class="rows">
              ${lines.map(
                (line) =>
                  html`<li>
                    <div class="line">
                      <span class="name">${line.item}</span
                      ><span class="number"
                        >${
                          line.counted === line.booked
                            ? 'agrees'
                            : formatSigned(line.counted - line.booked)
                        }</span
                      >
                    </div>
                    <div class="note">
                      ${line.lot === undefined ? '' : `lot ${line.lot} · `}found
                      ${formatCount(line.counted)}, book ${formatCount(line.booked)}
                    </div>
                  </li>`,
              )}
            </ul>`
      }
      <div class="form">
        <x-button
          class="wide"
          kind="primary"
          @click=${() => this.parts.router.go(floorPath({ screen: 'count' }))}
          >Count another zone</x-button
        >
      </div>
    </section>`;
  }

  #send(draft: CountDraft, open: number): void {
    if (open > 0 && !this.asking) {
      this.asking = true;
      return;
    }
    const { recountOf, zone } = draft;
    const title = `${recountOf === null ? 'Count' : 'Recount'} ${zone}`;
    const run = this.#act.run(title, {
      type: 'count',
      zone,
      found: foundOf(draft),
      ...(recountOf === null ? {} : { recountOf }),
      ...(this.task === '' ? {} : { task: this.task }),
    });
    void run.then((result) => {
      if (result?.type === 'applied' || result?.type === 'waiting') {
        dropCount(this.parts.drafts, this.#key);
      }
    });
  }

  #become(draft: CountDraft): void {
    this.draft = draft;
    this.asking = false;
    this.#act.clear();
    keepCount(this.parts.drafts, this.#key, draft, this.parts.hubTime.nowMs());
  }

  async #load(): Promise<void> {
    this.problem = undefined;
    const { zone, task } = this;
    const answer = await this.parts.data.countSheet(zone, task === '' ? undefined : task);
    if (!answer.ok) {
      this.problem = answer.problem;
      return;
    }
    const fresh = draftOf(answer.value);
    const kept = keptCount(this.parts.drafts, this.#key, this.parts.hubTime.nowMs());
    this.draft = resumed(fresh, kept?.draft);
    this.resumedMs = openLines(this.draft) < this.draft.lines.length ? kept?.atMs : undefined;
  }

  get #key(): CountKey {
    return { person: this.session.person, zone: this.zone };
  }

  /** What was counted before is put aside; the sheet begins with nothing said. */
  #beginAnew(): void {
    dropCount(this.parts.drafts, this.#key);
    this.draft = undefined;
    this.resumedMs = undefined;
    void this.#load();
  }
}
customElements.define('count-sheet', CountSheet);
