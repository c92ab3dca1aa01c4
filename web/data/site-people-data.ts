import type {
  NewSitePerson,
  SitePeoplePage,
  SitePersonChange,
  SitePersonRow,
} from '#contracts/api/site-people-api.ts';
import type { ConsoleClock } from '../console-clock.ts';
import { apiUrls, sitePersonRevokeUrl, sitePersonUrl } from '../paths.ts';
import type { ApiClient } from './api-client.ts';
import type { Answer } from './api-problem.ts';
import type { HubStream } from './hub-stream.ts';
import type { HubTime } from './hub-time.ts';
import { LiveResource } from './live-resource.ts';

/** The people of the floor pages, kept current, and what can be done about them. */
export class SitePeopleData {
  /** What a gateway takes of it changes the fleet too. */
  readonly list: LiveResource<SitePeoplePage>;
  readonly #api: ApiClient;

  constructor(api: ApiClient, clock: ConsoleClock, hubTime: HubTime, stream: HubStream) {
    this.#api = api;
    this.list = new LiveResource(clock, stream, 'fleet', async (signal) => {
      const answer = await api.get<SitePeoplePage>(apiUrls.sitePeople, signal);
      if (answer.ok) hubTime.observe(answer.value.asOfMs);
      return answer;
    });
  }

  add(person: NewSitePerson): Promise<Answer<SitePersonRow>> {
    return this.#send(apiUrls.sitePeople, person);
  }

  change(id: string, change: SitePersonChange): Promise<Answer<SitePersonRow>> {
    return this.#send(sitePersonUrl(id), change);
  }

  /** @param at the moment that the rights ended at, in the past; undefined: now. */
  revoke(id: string, at: number | undefined): Promise<Answer<SitePersonRow>> {
    return this.#send(sitePersonRevokeUrl(id), at === undefined ? {} : { at });
  }

  async #send(url: string, body: object): Promise<Answer<SitePersonRow>> {
    const answer = await this.#api.send<SitePersonRow>('POST', url, body);
    if (answer.ok) this.list.reload();
    return answer;
  }
}
