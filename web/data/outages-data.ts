import type { OutagesPage } from '#contracts/api/outages-api.ts';
import type { ConsoleClock } from '../console-clock.ts';
import { outagesUrl } from '../paths.ts';
import type { ApiClient } from './api-client.ts';
import type { HubStream } from './hub-stream.ts';
import type { HubTime } from './hub-time.ts';
import { LiveResource } from './live-resource.ts';

export type OutagesData = LiveResource<OutagesPage>;

/** The outages that touch the last `windowMs`, kept current. One resource for each window. */
export function createOutagesData(
  api: ApiClient,
  clock: ConsoleClock,
  hubTime: HubTime,
  stream: HubStream,
  windowMs: number,
): OutagesData {
  return new LiveResource(clock, stream, 'outages', async (signal) => {
    const fromMs = Math.floor(hubTime.nowMs() - windowMs);
    const answer = await api.get<OutagesPage>(outagesUrl({ fromMs }), signal);
    if (answer.ok) hubTime.observe(answer.value.asOfMs);
    return answer;
  });
}
