import type { HubConnection } from './hub-connection.ts';

/** Who asks for the downlink, over whichever connection there is. */
export interface DownlinkClient {
  /** A connection stands; undefined: none does. */
  attach(link: Pick<HubConnection, 'requestDownlink'> | undefined): void;
  nudged(): void;
}
