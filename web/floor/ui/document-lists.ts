import type { FloorDocument } from '#contracts/api/floor-api.ts';
import { html, nothing, type TemplateResult } from 'lit';
import { formatCount } from '../../format/numbers.ts';
import { formatMinute } from '../../format/times.ts';
import type { Tone } from '../../ui/shapes.ts';
import { status } from '../../ui/status.ts';
import { lineState, sortedLines, type ReceiptLine } from '../acts/receipt-model.ts';
import { unitInText, unitName } from '../words/act-words.ts';
import type { DocumentWords } from '../words/document-words.ts';
import { progressBar, progressState } from './progress-bar.ts';

/** Which document, from whom, and how far it is. */
export function documentHead(
  { complete, expected, expectedAtMs, id, partner, seen, state }: FloorDocument,
  nowMs: number,
): TemplateResult {
  const due = expectedAtMs === null ? undefined : `due ${formatMinute(expectedAtMs, nowMs)}`;
  const detail = [partner, due].filter((part) => part !== undefined && part !== null);
  return html`<div>
    <div class="line">
      <h2>${id}</h2>
      ${state === 'closed' ? status('plain', 'closed') : progressState(seen, expected, complete)}
    </div>
    <div class="note">${detail.join(' · ')}</div>
    ${progressBar(seen, expected)}
  </div>`;
}

/** The lines of a document, each to be tapped. */
export function documentLines(
  lines: readonly ReceiptLine[],
  { done }: DocumentWords,
  selected: number | undefined,
  tap: (line: ReceiptLine) => void,
): TemplateResult {
  return html`<section class="card" aria-label="Lines">
    <h2>Lines</h2>
    <ul class="rows">
      ${sortedLines(lines).map((line) => {
        const { tone, words } = lineState(line);
        return html`<li class="flush">
          <button class="tap" aria-pressed=${line.line === selected} @click=${() => tap(line)}>
            <div class="line"><span class="name">${line.item}</span>${status(tone, words)}</div>
            <div class="note">
              ${line.lot === null ? '' : `lot ${line.lot} · `}expected ${formatCount(line.expected)}
              ${line.seen === null ? nothing : html`· ${done} ${formatCount(line.seen)}`}
            </div>
          </button>
        </li>`;
      })}
    </ul>
  </section>`;
}

/** The outermost units that were announced, each to be taken in or sent out by reference. */
export function documentUnits(
  units: FloorDocument['units'],
  { act, done, verb }: DocumentWords,
  missing: string | undefined,
  take: (unit: string) => void,
): TemplateResult | typeof nothing {
  // What is to come in is not here yet; what is to go out is here still.
  const waiting = act === 'receive' ? 'expected' : 'here';
  const outer = units.filter(({ parent }) => parent === null);
  if (outer.length === 0) return nothing;
  return html`<section class="card" aria-label="Announced units">
    <h2>Announced units</h2>
    <ul class="rows">
      ${outer.map(
        ({ unit, state, zone }) =>
          html`<li class="line">
            <span class="name">${unitName(unit)}</span>
            ${
              state === waiting
                ? html`<x-button
                    label="${verb} ${unitInText(unit)}"
                    ?disabled=${missing !== undefined}
                    .hover=${missing}
                    @click=${() => take(unit)}
                    >${verb}</x-button
                  >`
                : status(...unitState(state, zone, done))
            }
          </li>`,
      )}
    </ul>
  </section>`;
}

function unitState(
  state: FloorDocument['units'][number]['state'],
  zone: string | null,
  done: string,
): [Tone, string] {
  if (state === 'expected') return ['plain', 'not here yet'];
  if (state === 'gone') return ['ok', done === 'shipped' ? done : 'gone again'];
  return ['ok', zone === null ? 'here' : `in ${zone}`];
}
