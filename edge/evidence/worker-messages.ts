import type { EvidenceRequest } from '#contracts/evidence.ts';
import type { EvidenceAnswer } from './answer-request.ts';
import type { WaitingNotice } from './evidence-index.ts';
import type { KeeperOptions, KeeperStatus } from './evidence-keeper.ts';

/** What the keeper's thread is started with. */
export type WorkerData = Omit<KeeperOptions, 'freeBytes' | 'disk'> & { readonly nowMs: number };

export type ToWorker =
  /** Time passed: work until nothing is left to do. While devices send much, sealing waits. */
  | { readonly type: 'advance'; readonly nowMs: number; readonly mayRead: boolean }
  | { readonly type: 'noted'; readonly id: number }
  | { readonly type: 'give-up'; readonly pos: number }
  | { readonly type: 'ask'; readonly id: number; readonly request: EvidenceRequest }
  | { readonly type: 'stop' };

export type FromWorker =
  | { readonly type: 'status'; readonly status: KeeperStatus }
  | ({ readonly type: 'notice' } & WaitingNotice)
  | { readonly type: 'answer'; readonly id: number; readonly answer: EvidenceAnswer }
  /** A step failed. `fatal`: only a new process may open the store again; else it is tried again. */
  | { readonly type: 'failed'; readonly fatal: boolean; readonly reason: string };
