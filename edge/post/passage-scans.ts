import type { ScannedCode } from '#contracts/kinds/scan-kinds.ts';
import { KeyedStore } from '../observe/keyed-store.ts';
import type { StateRow } from '../observe/state-row.ts';
import { unitOfCode } from '../stock/unit-id.ts';

/** How often, when last, and whether by a scanner that stands at the portal. */
type Scanned = {
  readonly at: boolean;
  readonly lastMs: number;
  readonly times: number;
};

/** Scans that no goods of a passage came to explain are forgotten. */
const waitMs = 60_000;
const mostLabels = 10_000;

/** What a passage takes of the scans at its portal. */
export type IsOf = (goods: string, isAtPortal: boolean) => boolean;

/**
 * Labels that were scanned near a portal, until a passage takes them. One label in two symbologies
 * is one: by its serial where it has one, else by the form in which most of its goods were read.
 */
export class PassageScans {
  /** `portal \n goods \n group \n form` */
  readonly #scans = new KeyedStore<Scanned>('passage-scan');

  add(nowMs: number, portal: string, code: ScannedCode, isAtPortal: boolean): void {
    const label = labelOf(code);
    if (label === undefined) return;
    const key = `${portal}\n${label.join('\n')}`;
    const before = this.#scans.get(key);
    if (before === undefined && this.#scans.size >= mostLabels) return;
    const times = label[1].startsWith('s') ? 1 : (before?.times ?? 0) + 1;
    this.#scans.set(key, { at: isAtPortal || before?.at === true, lastMs: nowMs, times });
  }

  /** How many labels belong to a passage; undefined: none was scanned of it. */
  piecesOf(portal: string, isOf: IsOf): number | undefined {
    // By goods, then by serial, by lot or by neither: forms of the same are not added up.
    const byGoods = new Map<string, Map<string, Map<string, number>>>();
    for (const [key, { at, times }] of this.#scans.entries()) {
      const [where, goods = '', group = '', form = ''] = key.split('\n');
      if (where !== portal || !isOf(goods, at)) continue;
      const groups = byGoods.get(goods) ?? new Map<string, Map<string, number>>();
      const forms = groups.get(group) ?? new Map<string, number>();
      byGoods.set(goods, groups.set(group, forms.set(form, times)));
    }
    if (byGoods.size === 0) return undefined;
    return [...byGoods.values()].reduce((sum, groups) => sum + mostOf(groups), 0);
  }

  /** They were compared. */
  forget(portal: string, isOf: IsOf): void {
    this.#drop((where, goods, { at }) => where === portal && isOf(goods, at));
  }

  /** Forgets what waited too long for a passage; what a running one takes is kept. */
  tick(nowMs: number, isRunning: (portal: string, goods: string, isAt: boolean) => boolean): void {
    if (this.#scans.size === 0) return;
    this.#drop((portal, goods, { at, lastMs }) => {
      return nowMs - lastMs > waitMs && !isRunning(portal, goods, at);
    });
  }

  drainDirty(rows: StateRow[]): void {
    this.#scans.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine !== this.#scans.machine) return false;
    this.#scans.restore(key, value);
    return true;
  }

  #drop(isOver: (portal: string, goods: string, scanned: Scanned) => boolean): void {
    for (const [key, scanned] of this.#scans.entries()) {
      const [portal = '', goods = ''] = key.split('\n');
      if (isOver(portal, goods, scanned)) this.#scans.set(key, undefined);
    }
  }
}

/** A thing with a serial is itself; without one the goods are, as often as they were scanned. */
function labelOf(code: ScannedCode): [goods: string, group: string, form: string] | undefined {
  const unit = unitOfCode(code);
  if (unit !== undefined) return [unit, 's', ''];
  const { form, gtin, lot, serial } = code;
  if (gtin === undefined) return undefined;
  if (serial !== undefined) return [gtin, 's', serial];
  return lot === undefined ? [gtin, 'g', form] : [gtin, `l${lot}`, form];
}

function mostOf(groups: ReadonlyMap<string, ReadonlyMap<string, number>>): number {
  const serials = groups.get('s')?.size ?? 0;
  let inLots = 0;
  let bare = 0;
  for (const [group, forms] of groups) {
    const most = Math.max(...forms.values());
    if (group.startsWith('l')) inLots += most;
    if (group === 'g') bare = most;
  }
  return Math.max(serials, inLots, bare);
}
