import type { FloorAct } from '#contracts/acts.ts';
import { encodeCanonical } from '#contracts/canonical.ts';
import type { EventPayload } from '#contracts/event-kinds.ts';

/** Enough for all but long counts and sweeps, which raw evidence has whole. */
const mostKept = 8000;

/** An act that is not applied, as the journal keeps it for whoever reviews it. */
export function keptOf(
  act: FloorAct,
  actedAt: number,
  broughtBy: string,
): EventPayload<'act.kept'> {
  const text = encodeCanonical(act);
  return {
    act: act.id,
    actedAt,
    asked: text.slice(0, mostKept).toWellFormed(),
    broughtBy,
    bytes: Buffer.byteLength(text),
    person: act.person,
    type: act.type,
  };
}

/** What was asked, in a line: `move 5 screw-m4, storage to dock-1`. */
export function askedWords(act: FloorAct): string {
  const to = 'toZone' in act ? ` to ${act.toZone}` : '';
  const place = 'zone' in act ? `, ${act.zone}${to}` : '';
  return `${act.type}${subjectWords(act)}${place}`;
}

function subjectWords(act: FloorAct): string {
  switch (act.type) {
    case 'receive':
    case 'ship':
    case 'move':
    case 'hold':
    case 'release':
      return 'unit' in act.what
        ? ` ${act.what.unit}`
        : ` ${act.what.goods.quantity} ${act.what.goods.item}`;
    case 'adjust':
      return ` ${act.item} by ${act.quantity}`;
    case 'pack':
    case 'unpack':
      return ` ${act.parent}`;
    case 'count':
      return ` of ${act.found.length} lines`;
    case 'close':
      return ` ${act.document?.id ?? ''}`;
    case 'sweep':
    case 'resolve':
      return '';
  }
}
