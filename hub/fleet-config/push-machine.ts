import type { DownlinkResult } from '#contracts/downlink.ts';

/** How a push stands as a whole. `stopped`: a gateway did not take it, so no further one gets it. */
export const pushStates = ['running', 'done', 'stopped', 'cancelled'] as const;
export type PushState = (typeof pushStates)[number];

/** One gateway of a push, in the order in which they get it. */
export interface PushedGateway {
  readonly gateway: string;
  readonly sent: boolean;
  /** What the gateway says became of it. */
  readonly result: DownlinkResult | undefined;
  /** Why it was not taken. */
  readonly reason: string | undefined;
  /** What keeps it from counting as healthy; undefined where it is. */
  readonly ill: string | undefined;
}

export type PushStep =
  | { readonly type: 'wait'; readonly for: string }
  | { readonly type: 'send'; readonly gateways: readonly string[] }
  | { readonly type: 'stop'; readonly reason: string }
  | { readonly type: 'done' };

const waitsFor: Record<DownlinkResult | 'sent', string> = {
  sent: 'to answer',
  trial: 'to confirm it',
  deferred: 'to end its local override',
  applied: '',
  refused: '',
  returned: '',
};

/**
 * What a push does next. A wave is `waveSize` gateways in order. The next one begins when every
 * gateway of those before has the version in force for good and is healthy; the first refusal or
 * return ends it.
 */
export function nextPushStep(gateways: readonly PushedGateway[], waveSize: number): PushStep {
  const sent = gateways.filter((one) => one.sent);
  const bad = sent.find(({ result }) => result === 'refused' || result === 'returned');
  if (bad !== undefined) {
    const why = bad.reason === undefined ? '' : `: ${bad.reason}`;
    return { type: 'stop', reason: `${bad.gateway} ${bad.result} it${why}` };
  }
  const unsettled = sent.find(({ result }) => result !== 'applied');
  if (unsettled !== undefined) {
    const { gateway, ill, result } = unsettled;
    const what = waitsFor[result ?? 'sent'];
    const state = ill === undefined ? '' : `, which is ${ill}`;
    return { type: 'wait', for: `${gateway} ${what}${state}` };
  }
  const due = gateways.filter((one) => !one.sent).slice(0, waveSize);
  if (due.length === 0) return { type: 'done' };
  const ill = sent.find((one) => one.ill !== undefined);
  if (ill !== undefined) return { type: 'wait', for: `${ill.gateway}, which is ${ill.ill}` };
  return { type: 'send', gateways: due.map(({ gateway }) => gateway) };
}
