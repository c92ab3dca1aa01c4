import type { FloorDocumentRow } from '#contracts/api/floor-api.ts';
import { html, type TemplateResult } from 'lit';
import { formatCount } from '../../format/numbers.ts';
import { formatMinute } from '../../format/times.ts';
import '../../ui/x-button.ts';
import '../../ui/x-notice.ts';
import '../../ui/x-skeleton.ts';
import { status } from '../../ui/status.ts';
import { floorProblemWords } from '../data/floor-problem.ts';
import { floorPath } from '../floor-paths.ts';
import { FloorScreen } from '../floor-screen.ts';
import { SubjectController } from '../scan/subject-controller.ts';
import { floorStyles } from '../ui/floor-styles.ts';
import { progressBar, progressState } from '../ui/progress-bar.ts';
import '../ui/floor-scan-box.ts';
import { lookupTrouble } from '../ui/lookup-trouble.ts';
import { documentWords } from '../words/document-words.ts';
import './document-part.ts';

/** Takes goods in, against a document: chosen by its number, or by scanning anything on it. */
export class ReceiveScreen extends FloorScreen {
  static override styles = floorStyles;
  static override properties = { other: { state: true } };
  declare other: string | undefined;
  /** Shipments go the other way and are worked off alike. */
  protected readonly type: FloorDocumentRow['type'] = 'receipt';
  readonly #lookup = new SubjectController(this, () => this.parts);

  constructor() {
    super();
    this.other = undefined;
  }

  protected override watched() {
    return [this.parts.data.site, this.parts.data.documents];
  }

  /** With a document open, the part below hears the scanner. */
  protected override scanned(text: string): void {
    void this.#lookup.look(text).then((subject) => {
      const { found } = this.#lookup;
      if (subject === undefined) return;
      const announced =
        subject.type === 'document'
          ? subject.id
          : subject.type === 'unit'
            ? subject.known?.document
            : found?.expectedOn.find(({ type }) => type === this.type)?.document;
      if (typeof announced === 'string') this.#open(announced, text);
      else this.other = `${text} is on no document that is expected`;
    });
  }

  override render() {
    const { document } = this.view;
    if (document !== undefined) {
      return html`<document-part
        .parts=${this.parts}
        .session=${this.session}
        .document=${document}
      ></document-part>`;
    }
    return html`<floor-scan-box
        .scanner=${this.parts.scanner}
        prompt="Scan the document, or anything on it"
        looking=${this.#lookup.looking}
      ></floor-scan-box>
      ${lookupTrouble(this.#lookup, (text) => this.scanned(text), undefined)}
      ${
        this.other === undefined
          ? ''
          : html`<x-notice
              kind="banner"
              tone="warn"
              heading="${this.other}."
              advice="Ask the office for its document, or find out what it is."
              ><x-button
                @click=${() => {
                  const code = this.#lookup.text;
                  this.parts.router.go(floorPath({ screen: 'find', code }));
                }}
                >Look it up</x-button
              ></x-notice
            >`
      }
      ${this.#list()}`;
  }

  /** The gateway refuses this without a document. */
  get #isOnlyHere(): boolean {
    const act = this.type === 'receipt' ? 'receive' : 'ship';
    return this.parts.data.site.value?.onDocumentOnly.includes(act) === true;
  }

  #list(): TemplateResult {
    const { loaded } = this.parts.data.documents;
    if (loaded.state === 'loading') {
      return html`<x-skeleton rows="4" label="Loading what is expected"></x-skeleton>`;
    }
    if (loaded.state === 'failed') {
      const { title, advice } = floorProblemWords(loaded.problem);
      return html`<x-notice tone="bad" heading=${title} advice=${advice}
        ><x-button @click=${() => this.parts.data.documents.reload()}>Try again</x-button></x-notice
      >`;
    }
    const words = documentWords[this.type];
    const documents = loaded.value.documents.filter(({ type }) => type === this.type);
    if (documents.length === 0) {
      return html`<x-notice heading=${words.none} advice=${words.noneAdvice}></x-notice>`;
    }
    return html`<section class="card" aria-label=${words.list}>
      <div class="title">
        <h2>${words.list}</h2>
        ${this.#isOnlyHere ? html`<span class="note">only on a document</span>` : ''}
      </div>
      <ul class="rows">
        ${documents.map((row) => html`<li class="flush">${this.#row(row)}</li>`)}
      </ul>
    </section>`;
  }

  #row(row: FloorDocumentRow): TemplateResult {
    const { id, partner, expectedAtMs, zone, seen, expected, complete } = row;
    const nowMs = this.parts.hubTime.nowMs();
    const due = expectedAtMs === null ? undefined : `due ${formatMinute(expectedAtMs, nowMs)}`;
    const late = expectedAtMs !== null && expectedAtMs < nowMs && seen === 0;
    const detail = [partner, due, zone].filter((part) => part !== undefined && part !== null);
    const came = seen ?? 0;
    const some = came > 0 || late ? 'warn' : 'plain';
    const tone = complete === true ? 'ok' : came > expected ? 'bad' : some;
    // What is over on one line must not stand in for what is short on another.
    const isUneven = complete === false && came === expected;
    const words = `${formatCount(seen ?? 0)} of ${formatCount(expected)}${late ? ', late' : ''}${isUneven ? ', lines differ' : ''}`;
    const state = seen === null ? progressState(seen, expected) : status(tone, words);
    return html`<a
      class="tap"
      href=${floorPath({ screen: documentWords[this.type].screen, document: id })}
      ><div class="line"><span class="name">${id}</span>${state}</div>
      <div class="note">${detail.join(' · ')}</div>
      ${progressBar(seen, expected)}</a
    >`;
  }

  #open(document: string, code: string): void {
    const isNumber = document === code;
    const { screen } = documentWords[this.type];
    this.parts.router.go(floorPath({ screen, document, ...(isNumber ? {} : { code }) }));
  }
}
customElements.define('receive-screen', ReceiveScreen);
