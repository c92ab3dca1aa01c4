import type { FloorDocument } from '#contracts/api/floor-api.ts';
import { html, nothing, type TemplateResult } from 'lit';
import { formatCount } from '../../format/numbers.ts';
import { status } from '../../ui/status.ts';
import { lineState, sortedLines, type ReceiptLine } from '../acts/receipt-model.ts';
import { unitName } from '../words/act-words.ts';

/** The lines of an expected receipt, each to be tapped. */
export function receiptLines(
  lines: readonly ReceiptLine[],
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
              · received ${formatCount(line.seen)}
            </div>
          </button>
        </li>`;
      })}
    </ul>
  </section>`;
}

/** The outermost units that were announced, each to be taken in by reference. */
export function receiptUnits(
  units: FloorDocument['units'],
  missing: string | undefined,
  receive: (unit: string) => void,
): TemplateResult | typeof nothing {
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
              state === 'expected'
                ? html`<x-button
                    label="Receive ${unitName(unit).toLowerCase()}"
                    ?disabled=${missing !== undefined}
                    .hover=${missing}
                    @click=${() => receive(unit)}
                    >Receive</x-button
                  >`
                : status('ok', zone === null ? state : `in ${zone}`)
            }
          </li>`,
      )}
    </ul>
  </section>`;
}
