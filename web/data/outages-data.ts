import type { Outage, OutagesPage } from '#contracts/api/outages-api.ts';
import type { ConsoleClock } from '../console-clock.ts';
import { outagesUrl, type OutagesView } from '../paths.ts';
import type { ApiClient } from './api-client.ts';
import type { Answer } from './api-problem.ts';
import type { HubStream } from './hub-stream.ts';
import type { HubTime } from './hub-time.ts';
import { LiveResource } from './live-resource.ts';
import { loadPages } from './load-pages.ts';

/** What is loaded: what lasts, and of what ended that which ended last. */
export interface OutageList {
  readonly outages: readonly Outage[];
  /** There are others, which ended before those that are here. */
  readonly more: boolean;
}

/** A gateway that does not run has no link either. */
const betweenGatewayAndHub = 'uplink,lane,gateway';

/** Rows at the start, and with each wish for more. */
const step = 200;

/** All outages that touch the last `windowMs`, or those between gateway and hub; kept current. */
export class OutagesData {
  readonly list: LiveResource<OutageList>;
  readonly #api: ApiClient;
  readonly #hubTime: HubTime;
  readonly #windowMs: number;
  readonly #type: OutagesView['type'];
  #wanted = step;

  constructor(parts: {
    api: ApiClient;
    clock: ConsoleClock;
    hubTime: HubTime;
    stream: HubStream;
    windowMs: number;
    type: OutagesView['type'];
  }) {
    this.#api = parts.api;
    this.#hubTime = parts.hubTime;
    this.#windowMs = parts.windowMs;
    this.#type = parts.type;
    this.list = new LiveResource(parts.clock, parts.stream, 'outages', (signal) =>
      this.#load(signal),
    );
  }

  loadMore(): void {
    this.#wanted += step;
    this.list.reload();
  }

  async #load(signal: AbortSignal): Promise<Answer<OutageList>> {
    const fromMs = Math.floor(this.#hubTime.nowMs() - this.#windowMs);
    const type = this.#type === undefined ? undefined : betweenGatewayAndHub;
    const answer = await loadPages<OutagesPage>(
      this.#wanted,
      (page) => this.#api.get(outagesUrl({ fromMs, type, ...page }), signal),
      (page) => page.outages.length,
    );
    if (!answer.ok) return answer;
    const pages = answer.value;
    for (const { asOfMs } of pages) this.#hubTime.observe(asOfMs);
    // One that ended between two pages may be on both.
    const outages = new Map(pages.flatMap((page) => page.outages).map((each) => [each.id, each]));
    const more = (pages.at(-1)?.nextCursor ?? null) !== null;
    return { ok: true, value: { outages: [...outages.values()], more } };
  }
}
