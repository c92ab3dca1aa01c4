import type { EventEvidence } from '#contracts/api/stock-api.ts';
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { ConsoleParts } from '../../console-parts.ts';
import { problemWords } from '../../data/api-problem.ts';
import { mergeAnswer, type Loaded } from '../../data/live-resource.ts';
import { formatCount } from '../../format/numbers.ts';
import { formatLocal, formatUtc } from '../../format/times.ts';
import { readHeader, type HeaderFacts } from './event-header.ts';
import { hostStyles } from '../../ui/host-styles.ts';
import { status, statusStyles } from '../../ui/status.ts';
import '../../ui/x-button.ts';
import '../../ui/x-notice.ts';
import '../../ui/x-skeleton.ts';

/** An event as it was journalled: its exact text, its place in the chain, and whether both prove. */
export class EventEvidenceView extends LitElement {
  static override styles = [
    hostStyles,
    statusStyles,
    css`
      :host {
        display: block;
      }

      .proofs {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
        margin: 10px 0;
      }

      dl {
        display: grid;
        grid-template-columns: max-content minmax(0, 1fr);
        gap: 3px 12px;
      }

      dt,
      h3 {
        color: var(--fg-muted);
        font-size: var(--text-s);
        font-weight: 500;
      }

      dd.mono {
        overflow-wrap: anywhere;
      }

      h3 {
        margin: 14px 0 4px;
      }

      pre {
        max-height: 280px;
        margin: 0;
        padding: 8px 10px;
        overflow: auto;
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--sunken);
        font: 11.5px/1.5 var(--mono);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
    `,
  ];
  static override properties = {
    parts: { attribute: false },
    event: { attribute: false },
    found: { state: true },
  };
  declare parts: ConsoleParts;
  /** gateway/epoch/seq. */
  declare event: string;
  declare found: Loaded<EventEvidence>;
  #asking = new AbortController();

  constructor() {
    super();
    this.found = { state: 'loading' };
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#asking.abort();
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('event')) this.#load();
  }

  override render() {
    if (this.found.state === 'loading') {
      return html`<x-skeleton rows="6" label="Loading the event"></x-skeleton>`;
    }
    if (this.found.state === 'failed') {
      const { title, advice } = problemWords(this.found.problem);
      return html`<x-notice tone="bad" heading=${title} advice=${advice}>
        <x-button @click=${() => this.#load()}>Try again</x-button>
      </x-notice>`;
    }
    return this.#draw(this.found.value);
  }

  #draw(evidence: EventEvidence): TemplateResult {
    const text = (words: string, value: string) =>
      html`<dt>${words}</dt>
        <dd class="mono">${value}</dd>`;
    const time = (words: string, atMs: number) =>
      html`<dt>${words}</dt>
        <dd title=${formatUtc(atMs)}>${formatLocal(atMs)}</dd>`;
    const header = readHeader(evidence.header);
    return html`<div class="mono">${evidence.event}</div>
      <div class="proofs">
        ${
          evidence.chainVerified
            ? status('ok', 'chain verified', 'The hash was computed again from the stored text')
            : status('bad', 'chain broken', 'The stored text does not give the stored hash')
        }
        ${
          evidence.signatureVerified
            ? status('ok', 'signature verified', 'Signed by the key of the gateway')
            : status(
                'bad',
                'signature not verified',
                'The signature is not that of the gateway key',
              )
        }
        ${
          evidence.state === 'applied'
            ? status('plain', 'applied')
            : status('warn', evidence.state, 'Kept, but not in the ledger')
        }
      </div>
      <dl>
        ${
          header === undefined
            ? nothing
            : html`<dt>Kind</dt>
                <dd>${header.kind}</dd>
                <dt>Device</dt>
                <dd>${header.device ?? 'none: the gateway itself'}</dd>
                ${time('Occurred', evidence.corrected?.occurredAt ?? header.occurredAt)}
                ${time('Received', evidence.corrected?.receivedAt ?? header.receivedAt)}
                ${header.timeQuality === 'unjudged' ? unjudgedNote(evidence, header) : nothing}`
        }
        ${time('Recorded', evidence.recordedAt)}
        <dt>Signed to</dt>
        <dd>event ${formatCount(evidence.signedSeq)} of its epoch</dd>
        ${text('Hash', evidence.hash)} ${text('Follows', evidence.previousHash)}
        ${text('Key', evidence.keyId)} ${text('Signature', evidence.signature)}
      </dl>
      <h3 id="header">Header, exactly as journalled</h3>
      <pre tabindex="0" role="region" aria-labelledby="header">${evidence.header}</pre>
      <h3 id="payload">Payload, exactly as journalled</h3>
      <pre tabindex="0" role="region" aria-labelledby="payload">${evidence.payload}</pre>
      ${
        evidence.payload.startsWith('#')
          ? html`<p class="muted">The payload was erased; its hash still proves the chain.</p>`
          : nothing
      }`;
  }

  #load(): void {
    this.#asking.abort();
    const asking = new AbortController();
    this.#asking = asking;
    this.found = { state: 'loading' };
    void this.parts.stock.evidence(this.event, asking.signal).then((answer) => {
      if (!asking.signal.aborted) this.found = mergeAnswer(this.found, answer);
    });
  }
}
/** What is shown in the place of times that were stamped while the gateway's clock was wrong. */
function unjudgedNote({ corrected }: EventEvidence, { receivedAt }: HeaderFacts): TemplateResult {
  const words =
    corrected === undefined
      ? 'The clock of the gateway was wrong: these times may be too early.'
      : `Corrected: the clock of the gateway was wrong, and said ${formatUtc(receivedAt)}.`;
  return html`<dt>Clock</dt>
    <dd>${words}</dd>`;
}
customElements.define('event-evidence', EventEvidenceView);
