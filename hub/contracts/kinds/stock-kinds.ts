import Type from 'typebox';
import type { TProperties } from 'typebox';
import { adjustReasons, holdReasons } from '../acts.ts';
import {
  actReference,
  documentId,
  documentReference,
  itemNumber,
  lotNumber,
  taskId,
  transferId,
  unitId,
} from '../goods.ts';
import { postingLine, stockStatus } from '../posting.ts';
import { closed, count, epc, epochMs, name, oneOf } from '../schema.ts';

/** What the posting policies and persons did: the only events with ledger lines, and what they left open. */

/**
 * What stands behind a statement: `agreed` and `disagreed` name sources as `portal:dock-1`,
 * `presence:storage`, `climate:cold-1`, `document:ASN-7`, `unit:sscc:…`, `counter:belt/parts`, `scan:gun-2`,
 * `gateway:lyon-2`, `person`. Certainty in permille; never 1000 for what devices alone say.
 */
const evidence = closed({
  agreed: Type.Array(Type.String({ maxLength: 120 }), { maxItems: 20 }),
  certaintyPermille: Type.Integer({ minimum: 0, maximum: 1000 }),
  disagreed: Type.Optional(Type.Array(Type.String({ maxLength: 120 }), { maxItems: 20 })),
});

/**
 * What is wrong with a physical fact that was posted all the same: it took an account below zero,
 * came without or beyond its document, or breaks the item's tracking policy.
 */
const discrepancies = [
  'negative-balance',
  'not-in-book',
  'not-on-document',
  'on-hold',
  'over-document',
  'lot-missing',
  'serials-missing',
] as const;

const ofPosting = {
  by: Type.Optional(actReference),
  discrepancies: Type.Optional(
    Type.Array(oneOf(discrepancies), { maxItems: discrepancies.length }),
  ),
  document: Type.Optional(documentReference),
  evidence,
  /** A handling unit was posted by reference: so many of its things were seen, the rest inferred. */
  inferred: Type.Optional(closed({ of: count, seen: count })),
  lines: Type.Array(postingLine, { minItems: 2, maxItems: 2000 }),
  /** What it came with, or came back of, from another gateway. */
  transfer: Type.Optional(transferId),
  unit: Type.Optional(unitId),
};

function posting<P extends TProperties>(rest: P) {
  return closed({ ...ofPosting, ...rest });
}

export const stockPosted = posting({});

/** The book was put right: against scrap or the count variance, by an act or a confirmed count. */
export const stockAdjusted = posting({ reason: oneOf(adjustReasons) });

/** Out of use and into it again; status is all that changes. */
export const stockHeld = posting({ reason: oneOf(holdReasons) });
export const stockReleased = posting({});

/** Goods changed the handling unit they are in, and nothing else. */
export const stockRegrouped = posting({});

/** One figure of a count that differs or was asked about, in one account of the zone. */
const countLine = closed({
  booked: Type.Integer(),
  counted: Type.Integer(),
  handlingUnit: Type.Optional(unitId),
  item: itemNumber,
  lot: Type.Optional(lotNumber),
  owner: name,
  status: stockStatus,
});

/**
 * What a count found against the book at that point. `agrees`: no variance; `tolerated`: within the
 * item's tolerance and the person's limits, and adjusted; `recount`: a recount was asked for; `confirmed`: a recount found
 * the same and it was adjusted; `review`: confirmed, but beyond the person's limits.
 */
const countResults = ['agrees', 'tolerated', 'recount', 'confirmed', 'review'] as const;

export const stockCounted = closed({
  by: actReference,
  lines: Type.Array(countLine, { maxItems: 2000 }),
  recountOf: Type.Optional(Type.String({ maxLength: 64 })),
  result: oneOf(countResults),
  zone: name,
});

/**
 * An RFID sweep of a zone against the serial book. `seen` of `booked` serials were read; `inferred`
 * were not, but the handling unit they are in was seen well enough. `missing` and `unexpected` list
 * at most 2000 EPCs in all: part `part` of `parts`.
 */
export const stockSwept = closed({
  booked: count,
  by: actReference,
  inferred: count,
  missing: Type.Array(epc, { maxItems: 2000 }),
  part: Type.Integer({ minimum: 1 }),
  parts: Type.Integer({ minimum: 1 }),
  seen: count,
  unexpected: Type.Array(closed({ bookedZone: Type.Optional(name), epc }), { maxItems: 2000 }),
  unknown: Type.Integer({ minimum: 0, description: 'tags read that are no serials of items' }),
  zone: name,
});

/** A second claim on a serial that another account already holds. Nothing is posted for it. */
export const stockConflict = closed({
  claimedZone: name,
  epc,
  heldBy: Type.String({ maxLength: 120 }),
});

const evidenceSources = ['rfid', 'counter', 'scan', 'document', 'unit'] as const;

/**
 * What went through a portal or past a counter in one go, as each source counted it: a document as
 * it expects, `unit` as units hold of which a quorum was read. `agreed` are the sources with the
 * figure in `units`; the others disagree with it, and then a task is open, unless tags were missed
 * within the quorum. `certaintyPermille` hears tags and the units they stand for as one. `besides`
 * pieces were read that are on none of `documents`: these do not agree, whatever their figure is.
 */
export const stockReconciled = closed({
  agreed: Type.Array(oneOf(evidenceSources), { maxItems: evidenceSources.length }),
  besides: Type.Optional(Type.Integer({ minimum: 1 })),
  certaintyPermille: Type.Integer({ minimum: 0, maximum: 1000 }),
  direction: oneOf(['in', 'out']),
  documents: Type.Optional(Type.Array(documentId, { maxItems: 20 })),
  endedAt: epochMs,
  portal: name,
  sources: Type.Array(closed({ source: oneOf(evidenceSources), units: count }), { maxItems: 10 }),
  startedAt: epochMs,
  units: count,
});

export const taskTypes = [
  'identify',
  'verify-movement',
  'recount',
  'inspect-counter',
  'reconcile',
  'verify-containment',
  'resolve-difference',
  'approve-variance',
  'review-act',
  'verify-transfer',
] as const;

export const taskOpened = closed({
  document: Type.Optional(documentId),
  epc: Type.Optional(epc),
  /** Absent in events that were written before tasks could be worked off. */
  id: Type.Optional(taskId),
  item: Type.Optional(itemNumber),
  /** A count or another act that it is about. */
  act: Type.Optional(Type.String({ maxLength: 64 })),
  reason: Type.String({ maxLength: 120 }),
  status: Type.Optional(stockStatus),
  task: oneOf(taskTypes),
  unit: Type.Optional(unitId),
  zone: Type.Optional(name),
});

const taskOutcomes = ['done', 'dismissed', 'superseded', 'expired'] as const;

export const taskClosed = closed({
  by: Type.Optional(actReference),
  id: taskId,
  openedAt: epochMs,
  outcome: oneOf(taskOutcomes),
});
