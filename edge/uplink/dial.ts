import type { Authenticator } from '@nats-io/transport-node';
import type { GatewayAddress } from '#contracts/subjects.ts';
import type { Clock } from '#contracts/time.ts';
import { explainDialFailure, type DialFailure } from './dial-failure.ts';
import { dialHub, type HubConnection, type HubListener } from './hub-connection.ts';
import type { HubTls } from './hub-tls.ts';

/** Tries once for a connection, and says why there is none. */
export type Dial = (listener: HubListener) => Promise<HubConnection | DialFailure>;

/** Dials the hub's NATS servers. */
export function natsDial(of: {
  readonly address: GatewayAddress;
  readonly hub: { readonly servers: readonly string[]; readonly tls?: HubTls | undefined };
  readonly identity: { authenticator(): Authenticator };
  readonly clock: Clock;
}): Dial {
  const { address, clock, hub, identity } = of;
  return async (listener) => {
    try {
      return await dialHub(hub.servers, identity.authenticator(), address, listener, hub.tls);
    } catch (error) {
      return await explainDialFailure(error, hub, clock.nowMs());
    }
  };
}
