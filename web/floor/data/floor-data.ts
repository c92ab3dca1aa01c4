import {
  floorPaths,
  type FloorCountSheet,
  type FloorDevices,
  type FloorDocument,
  type FloorDocuments,
  type FloorFound,
  type FloorSite,
  type FloorStock,
  type FloorTasks,
} from '#contracts/api/floor-api.ts';
import type { FloorBanner } from '#contracts/api/floor-banner-api.ts';
import type { FloorDoors } from '#contracts/api/floor-doors-api.ts';
import type { FloorTransfers } from '#contracts/api/floor-transfers-api.ts';
import type { ConsoleClock } from '../../console-clock.ts';
import type { ApiClient } from '../../data/api-client.ts';
import type { Answer } from '../../data/api-problem.ts';
import type { HubTime } from '../../data/hub-time.ts';
import { floorUrl } from '../floor-paths.ts';
import { Polled } from './polled.ts';

const second = 1000;

/** What the gateway says, each resource as fresh as the floor needs it. */
export class FloorData {
  /** Also the heartbeat of the page: its age says whether the gateway is there. */
  readonly banner: Polled<FloorBanner>;
  readonly site: Polled<FloorSite>;
  readonly tasks: Polled<FloorTasks>;
  readonly documents: Polled<FloorDocuments>;
  readonly devices: Polled<FloorDevices>;
  readonly doors: Polled<FloorDoors>;
  readonly transfers: Polled<FloorTransfers>;
  readonly #api: ApiClient;
  readonly #time: HubTime;

  constructor(api: ApiClient, clock: ConsoleClock, time: HubTime) {
    this.#api = api;
    this.#time = time;
    const polled = <T>(path: Parameters<typeof floorUrl>[0], periodMs: number, query = {}) =>
      new Polled<T>(clock, periodMs, (signal) => this.#get<T>(floorUrl(path, query), signal));
    this.banner = polled<FloorBanner>(floorPaths.banner, 4 * second);
    this.site = polled<FloorSite>(floorPaths.site, 60 * second);
    this.tasks = polled<FloorTasks>(floorPaths.tasks, 8 * second);
    this.documents = polled<FloorDocuments>(floorPaths.documents, 8 * second, { state: 'open' });
    this.devices = polled<FloorDevices>(floorPaths.devices, 5 * second);
    this.doors = polled<FloorDoors>(floorPaths.doors, 3 * second);
    this.transfers = polled<FloorTransfers>(floorPaths.transfers, 8 * second);
  }

  find(text: string): Promise<Answer<FloorFound>> {
    return this.#get<FloorFound>(floorUrl(floorPaths.find, { text }));
  }

  document(id: string): Promise<Answer<FloorDocument>> {
    return this.#get<FloorDocument>(floorUrl(floorPaths.document, { id }));
  }

  stock(query: { readonly zone?: string; readonly item?: string }): Promise<Answer<FloorStock>> {
    return this.#get<FloorStock>(floorUrl(floorPaths.stock, { ...query, limit: 1000 }));
  }

  countSheet(zone: string, task: string | undefined): Promise<Answer<FloorCountSheet>> {
    return this.#get<FloorCountSheet>(floorUrl(floorPaths.countSheet, { zone, task }));
  }

  /** An act changed things: what is on screen is asked for again at once. */
  reload(): void {
    this.tasks.reload();
    this.documents.reload();
    this.doors.reload();
    this.transfers.reload();
  }

  /** Nobody is signed in: nothing is asked for. Else it is, again. */
  pause(paused: boolean): void {
    for (const each of this.#all()) each.pause(paused);
  }

  /** Another person may see other things. */
  forget(): void {
    for (const each of this.#all()) each.forget();
  }

  #all() {
    const { banner, site, tasks, documents, devices, doors, transfers } = this;
    return [banner, site, tasks, documents, devices, doors, transfers];
  }

  async #get<T>(url: string, signal?: AbortSignal): Promise<Answer<T>> {
    const answer = await this.#api.get<T>(url, signal);
    if (answer.ok) this.#observe(answer.value);
    return answer;
  }

  #observe(value: unknown): void {
    if (typeof value !== 'object' || value === null || !('asOfMs' in value)) return;
    if (typeof value.asOfMs === 'number') this.#time.observe(value.asOfMs);
  }
}
