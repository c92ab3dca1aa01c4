import type { RawEvidence } from '#contracts/api/evidence-api.ts';
import type { Fleet } from '#contracts/api/fleet-api.ts';
import type { InTransitPage, InTransitQuery } from '#contracts/api/in-transit-api.ts';
import type { OutagesPage, OutagesQuery } from '#contracts/api/outages-api.ts';
import type { GatewayQuarantine } from '#contracts/api/quarantine-api.ts';
import type {
  EventEvidence,
  MovementsPage,
  MovementsQuery,
  StockPage,
  StockQuery,
} from '#contracts/api/stock-api.ts';
import type { TasksPage, TasksQuery } from '#contracts/api/tasks-api.ts';
import type { EventPosition } from '#contracts/ids.ts';

/** What the API asks the hub's core: reads only. */
export interface HubQueries {
  stock(query: StockQuery): Promise<StockPage>;
  movements(query: MovementsQuery): Promise<MovementsPage>;
  /** @returns undefined where the hub holds no such event. */
  event(position: EventPosition): Promise<EventEvidence | undefined>;
  /** What stands behind it. @returns undefined where the hub holds no such event. */
  rawEvidence(position: EventPosition): Promise<RawEvidence | undefined>;
  fleet(): Promise<Fleet>;
  gatewayQuarantine(gateway: string): Promise<GatewayQuarantine>;
  outages(query: OutagesQuery): Promise<OutagesPage>;
  inTransit(query: InTransitQuery): Promise<InTransitPage>;
  tasks(query: TasksQuery): Promise<TasksPage>;
}
