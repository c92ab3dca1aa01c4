import type { InTransitPage } from '#contracts/api/in-transit-api.ts';
import type { ConsoleClock } from '../console-clock.ts';
import { inTransitUrl } from '../paths.ts';
import type { ApiClient } from './api-client.ts';
import type { HubStream } from './hub-stream.ts';
import type { HubTime } from './hub-time.ts';
import { LiveResource } from './live-resource.ts';

/** What is on its way between gateways, kept current. */
export type InTransitData = LiveResource<InTransitPage>;

/** The longest open first; more are counted in the lanes, and not shown one by one. */
const mostShown = 500;

export function createInTransitData(
  api: ApiClient,
  clock: ConsoleClock,
  hubTime: HubTime,
  stream: HubStream,
): InTransitData {
  return new LiveResource(clock, stream, 'stock', async (signal) => {
    const answer = await api.get<InTransitPage>(inTransitUrl({ limit: mostShown }), signal);
    if (answer.ok) hubTime.observe(answer.value.asOfMs);
    return answer;
  });
}
