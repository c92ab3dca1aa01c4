import type { ConsoleClock } from './console-clock.ts';
import type { ConfigData } from './data/config-data.ts';
import type { FleetData, QuarantineData } from './data/fleet-data.ts';
import type { HubStream } from './data/hub-stream.ts';
import type { HubTime } from './data/hub-time.ts';
import type { InTransitData } from './data/in-transit-data.ts';
import type { OutagesData } from './data/outages-data.ts';
import type { SessionData } from './data/session-data.ts';
import type { SitePeopleData } from './data/site-people-data.ts';
import type { StockData } from './data/stock-data.ts';
import type { TasksData } from './data/tasks-data.ts';
import type { OutageWindow, OutagesView } from './paths.ts';
import type { Router } from './router.ts';

/** What the console is made of; main.ts puts it together. A part takes only what it uses of it. */
export interface ConsoleParts {
  readonly clock: ConsoleClock;
  readonly hubTime: HubTime;
  readonly router: Router;
  readonly session: SessionData;
  readonly stream: HubStream;
  readonly stock: StockData;
  readonly fleet: FleetData;
  readonly quarantine: (gateway: string) => QuarantineData;
  readonly config: ConfigData;
  readonly inTransit: InTransitData;
  readonly tasks: TasksData;
  readonly people: SitePeopleData;
  readonly outages: (window: OutageWindow, type: OutagesView['type']) => OutagesData;
}
