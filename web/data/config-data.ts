import type {
  ConfigPush,
  ConfigPushes,
  ConfigVersion,
  ConfigVersionText,
  FleetConfig,
  NewConfigPush,
  NewConfigVersion,
} from '#contracts/api/config-api.ts';
import type { ConsoleClock } from '../console-clock.ts';
import { apiUrls, configPushCancelUrl, configVersionUrl } from '../paths.ts';
import type { ApiClient } from './api-client.ts';
import type { Answer } from './api-problem.ts';
import type { HubStream } from './hub-stream.ts';
import type { HubTime } from './hub-time.ts';
import { LiveResource } from './live-resource.ts';

/** Where each gateway stands with its configuration, and the latest pushes. */
export interface ConfigOverview {
  readonly fleet: FleetConfig;
  readonly pushes: readonly ConfigPush[];
}

/** Configurations of the fleet: kept current to look at, and what people do with them. */
export class ConfigData {
  readonly overview: LiveResource<ConfigOverview>;
  readonly #api: ApiClient;
  /** A version never changes. */
  readonly #texts = new Map<number, ConfigVersionText>();

  constructor(api: ApiClient, clock: ConsoleClock, hubTime: HubTime, stream: HubStream) {
    this.#api = api;
    this.overview = new LiveResource(clock, stream, 'fleet', async (signal) => {
      const [fleet, pushes] = await Promise.all([
        api.get<FleetConfig>(apiUrls.fleetConfig, signal),
        api.get<ConfigPushes>(apiUrls.configPushes, signal),
      ]);
      if (!fleet.ok) return fleet;
      if (!pushes.ok) return pushes;
      hubTime.observe(fleet.value.asOfMs);
      return { ok: true, value: { fleet: fleet.value, pushes: pushes.value.pushes } };
    });
  }

  /** Newest first. */
  async versions(): Promise<Answer<readonly ConfigVersion[]>> {
    const answer = await this.#api.get<{ versions: ConfigVersion[] }>(apiUrls.configVersions);
    return answer.ok ? { ok: true, value: answer.value.versions } : answer;
  }

  async text(version: number): Promise<Answer<ConfigVersionText>> {
    const known = this.#texts.get(version);
    if (known !== undefined) return { ok: true, value: known };
    const answer = await this.#api.get<ConfigVersionText>(configVersionUrl(version));
    if (answer.ok) this.#texts.set(version, answer.value);
    return answer;
  }

  async add(of: NewConfigVersion): Promise<Answer<ConfigVersion>> {
    return await this.#api.send<ConfigVersion>('POST', apiUrls.configVersions, of);
  }

  async push(of: NewConfigPush): Promise<Answer<{ push: number }>> {
    const answer = await this.#api.send<{ push: number }>('POST', apiUrls.configPushes, of);
    this.overview.reload();
    return answer;
  }

  async cancel(push: number): Promise<Answer<unknown>> {
    const answer = await this.#api.send('POST', configPushCancelUrl(push));
    this.overview.reload();
    return answer;
  }
}
