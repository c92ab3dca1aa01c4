import type { FloorStockRow, FloorUnit } from '#contracts/api/floor-api.ts';
import { defaultOwner } from '#contracts/ids.ts';
import { html, nothing, type TemplateResult } from 'lit';
import { formatCount } from '../../format/numbers.ts';
import { status, unknown } from '../../ui/status.ts';
import { statusWords, unitInText, unitName, unitNumber } from '../words/act-words.ts';

/** A quantity as the book has it; null is kept from who counts there, and hatched. */
function shownQuantity(quantity: number | null): TemplateResult {
  return quantity === null
    ? unknown('not shown while it is being counted')
    : html`<span class="number">${formatCount(quantity)}</span>`;
}

function statusTag(of: FloorStockRow['status']): TemplateResult {
  const { tone, words } = statusWords[of];
  return status(tone, words);
}

/** Lot, unit and owner of a row, as far as there are any. */
function rowDetail(row: Pick<FloorStockRow, 'lot' | 'handlingUnit' | 'owner'>): string {
  return [
    row.lot === null ? undefined : `lot ${row.lot}`,
    row.handlingUnit === null ? undefined : unitInText(row.handlingUnit),
    row.owner === defaultOwner ? undefined : `owner ${row.owner}`,
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}

/** Nobody knows what the box before saw last. */
function unsureWords({ unsure }: Pick<FloorStockRow, 'unsure'>): string {
  return unsure === true ? 'not counted since the gateway was replaced' : '';
}

/** An account of the book as one text. */
export function rowKey({ zone, status, owner, item, lot, handlingUnit }: FloorStockRow): string {
  return [zone, status, owner, item, lot ?? '', handlingUnit ?? ''].join('\n');
}

/** How much is there, in which status, and in what: to choose by. */
export function rowNote(row: FloorStockRow): string {
  const many = row.quantity === null ? 'hidden while counted,' : formatCount(row.quantity);
  const detail = rowDetail(row);
  const parts = [`${many} ${statusWords[row.status].words}`, detail, unsureWords(row)];
  return parts.filter((part) => part !== '').join(' · ');
}

/** One account of the book: where, in which status, how much. */
export function stockLine(row: FloorStockRow, name: string): TemplateResult {
  const detail = [rowDetail(row), unsureWords(row)].filter((part) => part !== '').join(' · ');
  return html`<div class="line">
      <span class="name">${name}</span>${shownQuantity(row.quantity)}
    </div>
    <div class="line"><span class="note">${detail}</span>${statusTag(row.status)}</div>`;
}

const unitStates: Readonly<Record<FloorUnit['state'], string>> = {
  expected: 'expected, not here yet',
  here: 'here',
  gone: 'gone',
};

/** A handling unit: where it stands and what is in it. */
export function unitCard(unit: string, known: FloorUnit | undefined): TemplateResult {
  return html`<section class="card" aria-label=${unitName(unit)}>
    <div class="title">
      <h2>${unitName(unit)}</h2>
      ${known === undefined ? status('info', 'new here') : nothing}
      ${
        known?.state === 'here'
          ? status('ok', known.zone === null ? 'here' : `in ${known.zone}`)
          : nothing
      }
      ${known?.state === 'expected' ? status('info', unitStates.expected) : nothing}
      ${known?.state === 'gone' ? status('plain', unitStates.gone) : nothing}
    </div>
    <ul class="rows">
      <li class="note mono">${unitNumber(unit)}</li>
      ${
        known === undefined
          ? nothing
          : html`${known.document === null ? nothing : html`<li class="note">Announced on ${known.document}</li>`}
            ${known.goods.map(
              (goods) =>
                html`<li>
                  <div class="line">
                    <span class="name">${goods.item}</span>${shownQuantity(goods.quantity)}
                  </div>
                  ${goods.lot === null ? nothing : html`<div class="note">lot ${goods.lot}</div>`}
                </li>`,
            )}
            ${known.within
              .filter(({ parent }) => parent === known.unit)
              .map(
                (each) =>
                  html`<li class="line">
                    <span class="name">${unitName(each.unit)}</span
                    ><span class="note">${countGoods(each.goods)}</span>
                  </li>`,
              )}
            ${
              known.goods.length + known.within.length === 0
                ? html`<li class="note">Nothing is known to be in it.</li>`
                : nothing
            }`
      }
    </ul>
  </section>`;
}

function countGoods(goods: FloorUnit['goods']): string {
  return goods
    .map(({ item, quantity }) => (quantity === null ? item : `${formatCount(quantity)} × ${item}`))
    .join(', ');
}
