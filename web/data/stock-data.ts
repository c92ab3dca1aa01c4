import type {
  EventEvidence,
  MovementsPage,
  StockPage,
  StockQuery,
} from '#contracts/api/stock-api.ts';
import type { StockKey } from '../paths.ts';
import { eventUrl, movementsUrl, stockUrl } from '../paths.ts';
import type { ApiClient } from './api-client.ts';
import type { Answer } from './api-problem.ts';
import type { HubStream } from './hub-stream.ts';
import type { HubTime } from './hub-time.ts';
import { loadPages } from './load-pages.ts';

/** Stock rows by page, the ledger lines behind one, and the evidence behind a line. */
export class StockData {
  readonly #api: ApiClient;
  readonly #hubTime: HubTime;
  readonly #stream: HubStream;

  constructor(api: ApiClient, hubTime: HubTime, stream: HubStream) {
    this.#api = api;
    this.#hubTime = hubTime;
    this.#stream = stream;
  }

  async page(query: StockQuery): Promise<Answer<StockPage>> {
    const answer = await this.#api.get<StockPage>(stockUrl(query));
    if (answer.ok) this.#hubTime.observe(answer.value.completeness.asOfMs);
    return answer;
  }

  /** The newest `wanted` ledger lines of one stock row, newest first. */
  async movements(
    key: StockKey,
    wanted: number,
    signal: AbortSignal,
  ): Promise<Answer<MovementsPage>> {
    const answer = await loadPages<MovementsPage>(
      wanted,
      (page) => this.#api.get(movementsUrl(key, page), signal),
      (page) => page.rows.length,
    );
    if (!answer.ok) return answer;
    const rows = answer.value.flatMap((page) => page.rows);
    const { total = rows.length, nextCursor = null } = answer.value.at(-1) ?? {};
    return { ok: true, value: { rows, total, nextCursor } };
  }

  evidence(event: string, signal: AbortSignal): Promise<Answer<EventEvidence>> {
    return this.#api.get(eventUrl(event), signal);
  }

  /** Told when stock changed at some site. */
  onChange(listener: () => void): () => void {
    return this.#stream.changed.add((topic) => {
      if (topic === 'stock') listener();
    });
  }
}
