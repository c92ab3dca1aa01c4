import type { ActRefusal, adjustReasons, holdReasons } from '#contracts/acts.ts';
import type { FloorActAnswer } from '#contracts/api/floor-api.ts';
import type { StockStatus } from '#contracts/posting.ts';
import type { Tone } from '../../ui/shapes.ts';

/** Codes of the contracts in the words of the floor. */

/** Why an act was refused, short; the gateway's remedy says what to do. */
export const refusalWords: Readonly<Record<ActRefusal, string>> = {
  'lease-missing': 'You have no rights to act here',
  'lease-expired': 'Your rights here have run out',
  'not-permitted': 'You may not do this',
  'zone-not-permitted': 'You may not act in this zone',
  'owner-not-permitted': "You may not act for this goods' owner",
  'limit-per-entry': 'More than you may adjust at once',
  'limit-cumulative': 'More than is left of your limit',
  'value-unknown': 'The value of this item is not known',
  'beyond-balance': 'There is not so much here',
  'unknown-zone': 'There is no such zone',
  'unknown-unit': 'Nobody knows this unit',
  'unknown-document': 'Nobody knows this document',
  'document-closed': 'This document is closed',
  'not-on-document': 'Not on this document',
  'over-document': 'More than the document expects',
  'document-required': 'This needs its document',
  'unknown-transfer': 'Nothing of this is on its way any more',
  'not-on-transfer': 'That is not part of what was sent',
  'unknown-gateway': 'Nobody knows this gateway',
  'unknown-task': 'This task is not open any more',
  'task-mismatch': 'The task asks for something else',
  'task-not-yours': 'Somebody else must settle this task',
  'unknown-count': 'The count to check is not open any more',
  'same-person': 'Somebody else must recount',
  'author-revoked': 'Kept for review, not done',
  'lot-required': 'This item needs its lot',
  'serials-required': 'This item needs its serial numbers',
  'serials-mismatch': 'The serial numbers do not fit',
  'serial-elsewhere': 'This serial number stands elsewhere',
  'unit-elsewhere': 'This unit stands elsewhere',
  'containment-circle': 'A unit cannot be packed into itself',
  'not-in-unit': 'That is not in this unit',
  'wrong-status': 'Not in this status',
  'nothing-to-do': 'It is so already',
  'too-large': 'Too much at once',
  'gateway-fault': 'The gateway failed on this',
};

export const statusWords: Readonly<Record<StockStatus, { tone: Tone; words: string }>> = {
  receiving: { tone: 'info', words: 'receiving' },
  'quality-hold': { tone: 'bad', words: 'on hold' },
  available: { tone: 'ok', words: 'available' },
  picking: { tone: 'plain', words: 'picking' },
  packing: { tone: 'plain', words: 'packing' },
  shipping: { tone: 'info', words: 'shipping' },
  quarantine: { tone: 'bad', words: 'quarantine' },
  unverified: { tone: 'warn', words: 'unverified' },
};

export const heldStatuses: readonly StockStatus[] = ['quality-hold', 'quarantine', 'unverified'];

export const holdReasonWords: Readonly<Record<(typeof holdReasons)[number], string>> = {
  quality: 'Quality',
  damage: 'Damage',
  recall: 'Recall',
  customs: 'Customs',
  climate: 'Too warm or cold',
  other: 'Other',
};

export const adjustReasonWords: Readonly<Record<(typeof adjustReasons)[number], string>> = {
  damaged: 'Damaged',
  expired: 'Expired',
  scrapped: 'Scrapped',
  sample: 'Sample taken',
  lost: 'Lost',
  found: 'Found',
  count: 'Count',
  correction: 'Correction',
};

type CountResult = NonNullable<FloorActAnswer['count']>['result'];

/** What a count led to. */
export const countResultWords: Readonly<
  Record<CountResult, { tone: Tone; title: string; advice: string }>
> = {
  agrees: { tone: 'ok', title: 'The count agrees', advice: 'The book is right.' },
  tolerated: {
    tone: 'ok',
    title: 'Counted, and put right',
    advice: 'A small difference, within what the item allows.',
  },
  recount: {
    tone: 'warn',
    title: 'A recount is needed',
    advice: 'It differs from the book. A task asks somebody to count again.',
  },
  confirmed: {
    tone: 'ok',
    title: 'Two counts agree',
    advice: 'The book was put right by what you found.',
  },
  review: {
    tone: 'warn',
    title: 'A supervisor must look',
    advice: 'Two counts agree, but the difference is beyond your limit.',
  },
};

/** A unit as people call it: `Unit …00843`, with its whole number elsewhere. */
export function unitName(unit: string): string {
  const [kind = '', number = '', serial] = unit.split(':');
  switch (kind) {
    case 'sscc':
      return `Unit\u00a0…${number.slice(-5)}`;
    case 'grai':
      return `Carrier\u00a0…${(serial ?? number).slice(-5)}`;
    default:
      return number === '' ? unit : number;
  }
}

/** The same within a sentence; a licence plate stays as it is written. */
export function unitInText(unit: string): string {
  const name = unitName(unit);
  return unit.startsWith('lpn:') ? name : name.toLowerCase();
}

/** The number within a unit's name, in full. */
export function unitNumber(unit: string): string {
  return unit.slice(unit.indexOf(':') + 1);
}
