import type { ActType } from '#contracts/acts.ts';
import type { EventKind, EventPayload } from '#contracts/event-kinds.ts';
import type { ActReference } from '#contracts/goods.ts';
import {
  scanDigest,
  scansRemembered,
  type RememberedAct,
  type RememberedRevocation,
  type RememberedScan,
} from '#contracts/remembered.ts';
import { sha256Hex } from '../intake/wire-crypto.ts';

/** Kinds that say what a person asked for; of several of one act the first in this order tells. */
const told: readonly (readonly [EventKind, ActType])[] = [
  ['stock.counted', 'count'],
  ['stock.swept', 'sweep'],
  ['stock.received', 'receive'],
  ['stock.shipped', 'ship'],
  ['stock.moved', 'move'],
  ['stock.held', 'hold'],
  ['stock.released', 'release'],
  ['stock.adjusted', 'adjust'],
  ['unit.packed', 'pack'],
  ['unit.unpacked', 'unpack'],
  ['stock.regrouped', 'pack'],
  ['document.closed', 'close'],
  ['task.closed', 'resolve'],
];
const rankOf = new Map<string, number>(told.map(([kind], rank) => [kind, rank]));

/** All kinds that name an act, a scan or the end of somebody's rights. */
export const recentKinds: readonly EventKind[] = [
  ...told.map(([kind]) => kind),
  'act.refused',
  'person.revoked',
  'scan.read',
];

/** An event as the hub recorded it. */
export interface RecentEvent {
  readonly kind: string;
  readonly device: string | null;
  readonly payload: string;
  readonly occurred_at: number;
  readonly received_at: number;
}

/** The ids that a journal's last events name, in their order, so that what comes again is known. */
export class RecentIds {
  readonly #acts = new Map<string, { rank: number; readonly said: RememberedAct }>();
  readonly #revocations = new Map<string, RememberedRevocation>();
  /** By device; what was scanned under an id stands first under it. */
  readonly #scans = new Map<string, Map<string, string>>();

  apply(event: RecentEvent): void {
    const payload: unknown = JSON.parse(event.payload);
    if (event.kind === 'scan.read') {
      this.#scan(event.device, payload as EventPayload<'scan.read'>);
    } else if (event.kind === 'person.revoked') {
      const { person, revokedAt, until } = payload as EventPayload<'person.revoked'>;
      const said = { person, revokedAt, ...(until === undefined ? {} : { until }) };
      this.#revocations.set(JSON.stringify(said), said);
    } else if (event.kind === 'act.refused') {
      const { act, code, person, type } = payload as EventPayload<'act.refused'>;
      this.#note(event, { act, person }, type, code, -1);
    } else {
      const { by } = payload as { readonly by?: ActReference };
      const rank = rankOf.get(event.kind);
      if (by === undefined || rank === undefined) return;
      const [, type] = told[rank] ?? [];
      if (type !== undefined) this.#note(event, by, type, 'applied', rank);
    }
  }

  rows() {
    return {
      acts: [...this.#acts.values()].map(({ said }) => said),
      revocations: [...this.#revocations.values()],
      scans: [...this.#scans].flatMap(([device, scans]) =>
        [...scans].map(([scan, code]): RememberedScan => ({ code, device, scan })),
      ),
    };
  }

  #note(
    { occurred_at: actedAt, received_at: receivedAt }: RecentEvent,
    { act, person }: ActReference,
    type: ActType,
    outcome: RememberedAct['outcome'],
    rank: number,
  ): void {
    const before = this.#acts.get(act);
    if (before !== undefined && before.rank <= rank) return;
    this.#acts.set(act, { rank, said: { act, actedAt, outcome, person, receivedAt, type } });
  }

  #scan(device: string | null, { code, scan }: EventPayload<'scan.read'>): void {
    if (device === null) return;
    const scans = this.#scans.get(device) ?? new Map<string, string>();
    this.#scans.set(device, scans);
    scans.delete(scan);
    scans.set(scan, scanDigest(code.text, sha256Hex));
    const [oldest] = scans.keys();
    if (scans.size > scansRemembered && oldest !== undefined) scans.delete(oldest);
  }
}
