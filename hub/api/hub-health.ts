/** How the hub is, as far as anybody may know. */
export interface HubHealth {
  /** Whether commits find room. A store that fails otherwise ends the process. */
  readonly store: 'ok' | 'full';
  /** Whether gateways can reach the hub; without NATS it goes on serving what it has. */
  readonly nats: 'connected' | 'away';
  /** Whether the hub itself fails on what some gateway sends; the fleet says on whose. */
  readonly lanes: 'ok' | 'stuck';
}
