import type { FloorSession } from '#contracts/api/floor-api.ts';
import type { ConsoleClock } from '../console-clock.ts';
import type { EventChannel } from '../data/hub-stream.ts';
import type { HubTime } from '../data/hub-time.ts';
import type { SessionData } from '../data/session-data.ts';
import type { Router } from '../router.ts';
import type { ActOutbox } from './acts/act-outbox.ts';
import type { FloorData } from './data/floor-data.ts';
import type { SessionWatch } from './data/session-watch.ts';
import type { ScanListener } from './scan/scan-listener.ts';
import type { PageKeeper } from './worker/page-keeper.ts';

/** What the floor page is made of; main.ts puts it together. */
export interface FloorParts {
  readonly clock: ConsoleClock;
  /** The gateway's time: `HubTime` follows whichever server it hears. */
  readonly hubTime: HubTime;
  readonly router: Router;
  readonly session: SessionData<FloorSession>;
  readonly watch: SessionWatch;
  readonly data: FloorData;
  readonly outbox: ActOutbox;
  readonly scanner: ScanListener;
  readonly openFlow: (url: string) => EventChannel;
  readonly keeper: PageKeeper;
  /** Counts in progress. */
  readonly drafts: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
}
