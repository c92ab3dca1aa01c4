/** A local configuration must end by itself, while somebody still remembers why it was made. */
export const maxOverrideMs = 7 * 24 * 3_600_000;
export const minOverrideMs = 60_000;

/** What a person at the site put in force for a while, as the data folder holds it. */
export interface LocalOverride {
  /** Which one it is; kept when it is prolonged. */
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly by: string;
  readonly reason: string;
  /** The whole text that is in force meanwhile. */
  readonly text: string;
  /** The whole text to return to. */
  readonly former: string;
  /** What the hub pushed meanwhile or had on trial, and what that makes of `former`. */
  readonly deferred?: { readonly seqs: readonly number[]; readonly text: string };
  /** It is in force, and so an event. */
  readonly isSaid: boolean;
  /** It is being handed back. */
  readonly ending?: OverrideEnding;
}

export interface OverrideEnding {
  readonly outcome: 'expired' | 'ended';
  readonly by?: string;
}

/** A person asks for one. `text` holds the sections that are to differ. */
export interface OverrideRequest {
  readonly by: string;
  readonly reason: string;
  readonly text: string;
  readonly forMs: number;
}

/** What others see of it. */
export interface OverrideView {
  readonly by: string;
  readonly reason: string;
  readonly sinceMs: number;
  readonly untilMs: number;
  /** Of what is in force. */
  readonly hash: string;
  /** Something of the hub waits for its end. */
  readonly deferred: boolean;
}

/**
 * Why an override has to end now; undefined while it goes on. Where an operator had the gateway's time
 * go back behind its beginning, nobody can say how long it was meant to last.
 */
export function endingOf(
  { ending, sinceMs, untilMs }: LocalOverride,
  nowMs: number,
): OverrideEnding | undefined {
  if (ending !== undefined) return ending;
  return nowMs >= untilMs || nowMs < sinceMs ? { outcome: 'expired' } : undefined;
}
