import type { ActType, FloorAct, Lease } from '#contracts/acts.ts';
import { decodeEpc } from '../../devices/epc/decode-epc.ts';
import type { SiteModel } from '../observe/site-model.ts';
import type { OpenTask } from '../stock/stock-view.ts';
import { fault, type ActBooks, type ActFault } from './act-context.ts';

/** Whether an act may work off the open task that it names. */

/** What may settle a task, besides that somebody looked into it (`resolve`). */
const worksOff: Readonly<Record<OpenTask['task'], readonly ActType[]>> = {
  identify: ['receive', 'move', 'hold', 'adjust', 'pack', 'unpack', 'count', 'sweep'],
  'verify-movement': [
    ...(['receive', 'ship', 'move', 'hold', 'release'] as const),
    ...(['adjust', 'pack', 'unpack', 'count', 'sweep'] as const),
  ],
  recount: ['count'],
  'inspect-counter': ['count'],
  reconcile: ['receive', 'ship', 'move', 'adjust', 'count', 'sweep'],
  'verify-containment': ['receive', 'ship', 'move', 'hold', 'pack', 'unpack'],
  'resolve-difference': ['receive', 'ship', 'close', 'move', 'unpack', 'adjust', 'count', 'sweep'],
  'approve-variance': ['adjust'],
  'review-act': [
    ...(['receive', 'ship', 'move', 'hold', 'release'] as const),
    ...(['adjust', 'pack', 'unpack', 'count', 'close'] as const),
  ],
  'verify-transfer': ['receive', 'move', 'adjust', 'count'],
};

/** Decisions about what somebody else did: for who may put the book right, and never by oneself. */
const approvals: readonly OpenTask['task'][] = ['approve-variance', 'review-act'];

export interface TaskQuestion {
  readonly site: SiteModel;
  readonly books: ActBooks;
  readonly act: FloorAct;
  readonly lease: Lease | null;
  /** Who did an act, as long as that is remembered. */
  readonly authorOf: (act: string) => string | undefined;
  /** Whether a recount can still be compared with that count. */
  readonly isCounted: (act: string) => boolean;
}

/** @returns why the act cannot settle its task; undefined: it can, or it names none. */
export function wrongTask(of: TaskQuestion): ActFault | undefined {
  const { act, books } = of;
  if (act.task === undefined) return undefined;
  const task = books.tasks.get(act.task);
  if (task === undefined) return fault('unknown-task', act.task);
  return wrongPerson(of, task) ?? wrongType(of, task) ?? wrongSubject(of, task);
}

function wrongPerson(
  { act, authorOf, lease, site }: TaskQuestion,
  { act: about, task }: OpenTask,
): ActFault | undefined {
  const isApproval = approvals.includes(task);
  if (isApproval && lease?.may.includes('adjust') !== true) {
    return fault('task-not-yours', `${task} needs the right to adjust`);
  }
  // A recount itself says whether it must be another person's.
  const mayRecount = act.type === 'count' || site.posting.recountBy === 'anyone';
  const isForOthers = isApproval || (task === 'recount' && !mayRecount);
  const author = about === undefined ? undefined : authorOf(about);
  return isForOthers && author === act.person
    ? fault('task-not-yours', `${task} is about what ${act.person} did: a second person settles it`)
    : undefined;
}

function wrongType({ act, isCounted }: TaskQuestion, task: OpenTask): ActFault | undefined {
  const types = worksOff[task.task];
  if (act.type !== 'resolve' && !types.includes(act.type)) {
    return fault('task-mismatch', `${task.task} is worked off by ${types.join(', ')}`);
  }
  const isLoose = act.type === 'count' && task.task === 'recount' && task.act !== act.recountOf;
  return isLoose && task.act !== undefined && isCounted(task.act)
    ? fault('task-mismatch', `the recount is of count ${task.act}: name it in recountOf`)
    : undefined;
}

/** A unit, a serial or a document says what it is about; else item and zone do. */
function wrongSubject({ act, books }: TaskQuestion, task: OpenTask): ActFault | undefined {
  if (act.type === 'resolve') return undefined;
  const { document, epc, item, unit, zone } = task;
  const named = namedIn(act);
  const isInZone = zone === undefined || named.zones.length === 0 || named.zones.includes(zone);
  const other = (what: string) => fault('task-mismatch', `the task is about ${what}`);
  if ([document, epc, item, unit, zone].every((of) => of === undefined)) {
    return fault('task-mismatch', 'it names no goods and no place: look into it, and settle it');
  }
  if (act.type === 'count' || act.type === 'sweep') {
    if (zone === undefined || act.zone !== zone) return other(zone ?? 'no zone');
    const items = act.type === 'count' ? act.items : undefined;
    return item === undefined || items === undefined || items.includes(item)
      ? undefined
      : other(`${item} in ${zone}`);
  }
  if (unit !== undefined) return isUnitNamed(books, named, unit) ? undefined : other(unit);
  if (epc !== undefined) return isEpcNamed(books, named, epc) ? undefined : other(epc);
  if (document !== undefined && act.document !== undefined) {
    return act.document.id === document ? undefined : other(document);
  }
  if (item !== undefined && !isItemNamed(books, named, item)) return other(item);
  return isInZone ? undefined : other(zone);
}

interface Named {
  readonly zones: readonly string[];
  readonly units: readonly string[];
  readonly serials: readonly string[];
  readonly items: readonly string[];
}

function namedIn(act: FloorAct): Named {
  const what = 'what' in act ? act.what : undefined;
  const goods = what !== undefined && 'goods' in what ? [what.goods] : [];
  const packed = act.type === 'pack' || act.type === 'unpack' ? act : undefined;
  const adjusted = act.type === 'adjust' ? [act] : [];
  const all = [...goods, ...(packed?.goods ?? []), ...adjusted];
  const inside = all.flatMap(({ handlingUnit }) => handlingUnit ?? []);
  return {
    zones: [...('zone' in act ? [act.zone] : []), ...('toZone' in act ? [act.toZone] : [])],
    units: [
      ...(what !== undefined && 'unit' in what ? [what.unit] : []),
      ...(packed === undefined ? [] : [packed.parent, ...(packed.units ?? [])]),
      ...inside,
    ],
    serials: [...all.flatMap(({ serials = [] }) => serials), ...(packed?.serials ?? [])],
    items: all.map(({ item }) => item),
  };
}

/** By its own number, or within a unit that is named. */
function isUnitNamed({ stock }: ActBooks, { units }: Named, unit: string): boolean {
  return units.some((one) => one === unit || stock.containment.isWithin(unit, one));
}

function isEpcNamed(books: ActBooks, named: Named, epc: string): boolean {
  if (named.serials.includes(epc)) return true;
  const holder = books.stock.containment.unitOfSerial(epc);
  if (holder !== undefined && isUnitNamed(books, named, holder)) return true;
  // A thing that is kept without its serial.
  const tag = decodeEpc(epc);
  return tag.scheme === 'sgtin' && named.serials.length === 0 && named.items.includes(tag.gtin14);
}

function isItemNamed({ stock }: ActBooks, { items, serials, units }: Named, item: string): boolean {
  if (items.includes(item)) return true;
  if (units.some((unit) => stock.containment.contentsOf(unit).some(([of]) => of.item === item))) {
    return true;
  }
  return serials.some((epc) => {
    const tag = decodeEpc(epc);
    return tag.scheme === 'sgtin' && tag.gtin14 === item;
  });
}
