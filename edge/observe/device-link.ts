/**
 * What is known of the line to a device: is it there, when was it heard, has it gone silent. Times
 * are by the gateway's clock.
 */
export type DeviceLink = {
  readonly connected: boolean;
  /** Since when it can speak to us; only what it did not say after this is absence. */
  readonly backMs: number;
  /** Known since; for a device that was never heard its silence counts from here. */
  readonly sinceMs: number;
  /** Last heard, to the second; negative if never. */
  readonly heardMs: number;
  readonly silentSinceMs: number | null;
  /** Quality of service of its last message; negative if there was none. */
  readonly qos: number;
  /** The device's own word on itself, where it gives one. */
  readonly up: boolean;
  /** When its server last began anew, as far as known; 0 if never. */
  readonly restartedMs: number;
};

export interface LinkStep {
  readonly state: DeviceLink;
  /** It was silent since then and is heard again. */
  readonly heardAfter?: number;
  /** It is silent now: when it was last heard, or since when one that never was could have been. */
  readonly fellSilent?: { readonly lastHeardAt: number } | { readonly silentSince: number };
}

/** Hearing a device again within this time changes nothing, so that it costs no storage. */
const refreshMs = 1000;

export function newLink(nowMs: number): DeviceLink {
  return {
    connected: false,
    backMs: nowMs,
    sinceMs: nowMs,
    heardMs: -1,
    silentSinceMs: null,
    qos: -1,
    up: true,
    restartedMs: 0,
  };
}

/** A message or a connection: any sign of life. What was heard must have been connected. */
export function hear(state: DeviceLink, nowMs: number, qos: number = state.qos): LinkStep {
  const { connected, silentSinceMs } = state;
  const fresh = nowMs - state.heardMs < refreshMs;
  if (connected && fresh && silentSinceMs === null && qos === state.qos) return { state };
  const next: DeviceLink = {
    ...state,
    connected: true,
    backMs: connected ? state.backMs : nowMs,
    heardMs: nowMs,
    silentSinceMs: null,
    qos,
  };
  return silentSinceMs === null ? { state: next } : { state: next, heardAfter: silentSinceMs };
}

/** `alive`: the line itself proved the device alive until now, as an OPC UA session does. */
export function disconnect(state: DeviceLink, nowMs: number, alive: boolean): DeviceLink {
  if (!state.connected) return state;
  return { ...state, connected: false, heardMs: alive ? nowMs : state.heardMs };
}

/** Away, and for so long that it was reported: nothing waits for it any more. */
export function isLost({ connected, silentSinceMs }: DeviceLink): boolean {
  return !connected && silentSinceMs !== null;
}

export interface SilencePolicy {
  readonly silentAfterMs: number;
  /** Before this the gateway itself could not hear: not the device's silence. */
  readonly listeningSinceMs: number;
  /** A connected session proves the device alive without a message (OPC UA). */
  readonly sessionProves: boolean;
}

export function listen(state: DeviceLink, nowMs: number, policy: SilencePolicy): LinkStep {
  if (state.silentSinceMs !== null || (policy.sessionProves && state.connected)) return { state };
  const fromMs = Math.max(state.heardMs, state.sinceMs, policy.listeningSinceMs);
  if (nowMs - fromMs <= policy.silentAfterMs) return { state };
  const everHeard = state.heardMs >= 0;
  return {
    state: { ...state, silentSinceMs: everHeard ? state.heardMs : state.sinceMs },
    fellSilent: everHeard ? { lastHeardAt: state.heardMs } : { silentSince: state.sinceMs },
  };
}
