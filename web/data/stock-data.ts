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

  /** The newest ledger lines of one stock row, newest first. */
  movements(key: StockKey, signal: AbortSignal): Promise<Answer<MovementsPage>> {
    return this.#api.get(movementsUrl(key), signal);
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
