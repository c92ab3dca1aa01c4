import type { MqttUser } from '../bench/bench-gateway.ts';

/** What the soak asks of its MQTT devices. */
export interface SoakLoadPlan {
  readonly port: number;
  /** One of each reader, in order. */
  readonly users: readonly MqttUser[];
  readonly bridge: MqttUser;
  readonly daySeconds: number;
}

/** What they say of themselves. */
export interface SoakLoadState {
  readonly phase: 'filled' | 'day' | 'over';
  /** Of the site's day. */
  readonly second: number;
  readonly sent: number;
  readonly acked: number;
  /** How long the site's time stood because the gateway was behind. */
  readonly heldMs: number;
}
