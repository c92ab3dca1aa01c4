import type { StuckLane } from '#contracts/api/fleet-api.ts';
import type { DeviceHealth, NowFacts } from '#contracts/now-lane.ts';

/** What is known of a gateway right now: where its lane is, and what it last said of itself. */
export interface GatewayView {
  readonly site: string;
  readonly gateway: string;
  /** Absent until it introduced itself. */
  readonly lane: LaneView | undefined;
  /** Where the hub itself fails on what comes next. */
  readonly stuck?: StuckLane | undefined;
  /** Absent until it was heard. */
  readonly now: NowView | undefined;
}

interface LaneView {
  readonly epoch: number;
  readonly committed: number;
  readonly halted: boolean;
  readonly reason: string | undefined;
}

interface NowView {
  readonly facts: NowFacts;
  readonly receivedAt: number;
  /** The facts are too old to speak for now. */
  readonly silent: boolean;
  /** Gateway's clock minus the hub's. */
  readonly skewMs: number | undefined;
  readonly devices: readonly { readonly factsAt: number; readonly health: DeviceHealth }[];
  /** The last time it could not be heard: since when, and until when, unless it is so still. */
  readonly silence: { readonly fromMs: number; readonly toMs: number | undefined } | undefined;
}

/** All registered gateways, by site and name. */
export type GatewayDirectory = () => readonly GatewayView[];

/** A lane on which nothing goes on until somebody does something. */
export interface HaltedLane {
  readonly site: string;
  readonly gateway: string;
  readonly state: 'halted' | 'stuck';
}

/**
 * Whether histories differ: the hub halted the lane, or the gateway says that it did. What a silent
 * gateway said of itself is too old to count.
 */
export function isHalted({ lane, now }: Pick<GatewayView, 'lane' | 'now'>): boolean {
  if (lane?.halted === true) return true;
  return now !== undefined && !now.silent && now.facts.health.uplink === 'halted';
}

/** The lanes that somebody has to look at. One that is both is halted: that comes first. */
export function haltedLanes(views: readonly GatewayView[]): readonly HaltedLane[] {
  return views.flatMap((view): HaltedLane[] => {
    const { site, gateway, stuck } = view;
    if (isHalted(view)) return [{ site, gateway, state: 'halted' }];
    return stuck === undefined ? [] : [{ site, gateway, state: 'stuck' }];
  });
}

/** Events that a gateway has and the hub has not. Undefined: nobody can say. */
export function waitingEvents({ lane, now }: GatewayView): number | undefined {
  if (now === undefined || now.silent) return undefined;
  if (lane === undefined) return now.facts.health.headSeq;
  if (now.facts.epoch !== lane.epoch) return undefined;
  return Math.max(0, now.facts.health.headSeq - lane.committed);
}
