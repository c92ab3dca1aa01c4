/** How the hub is. */
export interface HubHealth {
  /** Whether commits find room. A store that fails otherwise ends the process. */
  readonly store: 'ok' | 'full';
  /** Whether gateways can reach the hub; without NATS it goes on serving what it has. */
  readonly nats: 'connected' | 'away';
  /** Gateways whose lanes wait for somebody. Their names are not for everybody. */
  readonly halted: readonly {
    readonly site: string;
    readonly gateway: string;
    /** Histories differ, which a person decides; or the hub itself fails on what it sends. */
    readonly state: 'halted' | 'stuck';
  }[];
}
