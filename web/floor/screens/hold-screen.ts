import { holdReasons } from '#contracts/acts.ts';
import type { FloorStockRow } from '#contracts/api/floor-api.ts';
import { html, nothing, type TemplateResult } from 'lit';
import type { ApiProblem } from '../../data/api-problem.ts';
import '../../ui/x-skeleton.ts';
import type { NewAct } from '../acts/act-outbox.ts';
import { floorProblemWords } from '../data/floor-problem.ts';
import { rowKey, stockLine } from '../ui/subject-parts.ts';
import { heldStatuses, holdReasonWords } from '../words/act-words.ts';
import { SubjectScreen } from './subject-screen.ts';

type HoldReason = (typeof holdReasons)[number];

/** Puts goods out of use, with a reason, and back into it. What is held can be tapped to release. */
export class HoldScreen extends SubjectScreen {
  static override properties = {
    mode: { state: true },
    reason: { state: true },
    held: { state: true },
    problem: { state: true },
  };
  declare mode: 'hold' | 'release';
  declare reason: HoldReason | '';
  /** Everything on hold here; undefined: not known yet. */
  declare held: readonly FloorStockRow[] | undefined;
  declare problem: ApiProblem | undefined;

  constructor() {
    super();
    this.mode = 'hold';
    this.reason = '';
    this.held = undefined;
    this.problem = undefined;
  }

  override connectedCallback(): void {
    this.mode = this.view.mode === 'release' ? 'release' : 'hold';
    super.connectedCallback();
    this.#load();
  }

  protected override rowsOf(rows: readonly FloorStockRow[]): readonly FloorStockRow[] {
    return rows.filter(({ status }) => heldStatuses.includes(status) === (this.mode === 'release'));
  }

  override render() {
    const isHold = this.mode === 'hold';
    return html`<floor-choice
        label="What to do"
        .value=${this.mode}
        .options=${[
          { value: 'hold', label: 'Put on hold' },
          { value: 'release', label: 'Release' },
        ]}
        @value-change=${(event: CustomEvent<'hold' | 'release'>) => {
          this.mode = event.detail;
          this.reset();
        }}
      ></floor-choice>
      <div class="columns">
        <div>
          ${this.scanBox(isHold ? 'Scan what goes on hold' : 'Scan what is released')}
          ${this.resultPart()} ${this.subjectPart()}
          ${this.subject === undefined ? nothing : this.#doPart()}
        </div>
        <div>${this.#heldPart()}</div>
      </div>`;
  }

  #doPart(): TemplateResult {
    const isHold = this.mode === 'hold';
    const missing =
      this.forbids(this.mode) ??
      this.missing ??
      (isHold && this.reason === '' ? 'Say why' : undefined);
    const doing = isHold ? `Put ${this.whatWords} on hold` : `Release ${this.whatWords}`;
    return html`<section class="card" aria-label="Why">
      <div class="form">
        ${
          isHold
            ? html`<floor-choice
                label="Why"
                .value=${this.reason}
                .options=${holdReasons.map((value) => ({ value, label: holdReasonWords[value] }))}
                @value-change=${(event: CustomEvent<HoldReason>) => (this.reason = event.detail)}
              ></floor-choice>`
            : nothing
        }
        <x-button
          class="wide"
          kind=${missing === undefined ? 'primary' : 'plain'}
          ?disabled=${missing !== undefined || this.act.busy}
          @click=${() => this.#do(doing)}
          >${this.act.busy ? 'Sending…' : (missing ?? doing)}</x-button
        >
      </div>
    </section>`;
  }

  #heldPart(): TemplateResult {
    const { held, problem } = this;
    if (problem !== undefined) {
      const { title, advice } = floorProblemWords(problem);
      return html`<x-notice kind="banner" tone="bad" heading="${title}." advice=${advice}
        ><x-button @click=${() => this.#load()}>Try again</x-button></x-notice
      >`;
    }
    if (held === undefined)
      return html`<x-skeleton rows="3" label="Loading what is on hold"></x-skeleton>`;
    return html`<section class="card" aria-label="On hold now">
      <h2>On hold now</h2>
      ${
        held.length === 0
          ? html`<p class="none">Nothing is on hold here.</p>`
          : html`<ul class="rows">
              ${held.map(
                (row) =>
                  html`<li class="flush">
                    <button
                      class="tap"
                      aria-pressed=${this.row !== undefined && rowKey(this.row) === rowKey(row)}
                      @click=${() => {
                        this.reset();
                        this.mode = 'release';
                        void this.choose(row);
                      }}
                    >
                      ${stockLine(row, `${row.item} in ${row.zone}`)}
                    </button>
                  </li>`,
              )}
            </ul>`
      }
    </section>`;
  }

  #do(title: string): void {
    const { what, from, row, reason } = this;
    if (what === undefined || from === undefined) return;
    const { task } = this.view;
    const where = {
      what,
      zone: from,
      ...(row === undefined ? {} : { status: row.status }),
      ...(task === undefined ? {} : { task }),
    };
    let act: NewAct;
    if (this.mode === 'release') act = { type: 'release', ...where };
    else if (reason === '') return;
    else act = { type: 'hold', reason, ...where };
    void this.act.run(title, act).then((result) => {
      if (result?.type !== 'applied' && result?.type !== 'waiting') return;
      this.reset();
      this.reason = '';
      this.#load();
    });
  }

  #load(): void {
    void this.parts.data.stock({}).then((answer) => {
      this.problem = answer.ok || this.held !== undefined ? undefined : answer.problem;
      if (answer.ok) {
        this.held = answer.value.rows.filter(({ status }) => heldStatuses.includes(status));
      }
    });
  }
}
customElements.define('hold-screen', HoldScreen);
