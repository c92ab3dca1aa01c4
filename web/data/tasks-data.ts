import type { TasksPage } from '#contracts/api/tasks-api.ts';
import type { ConsoleClock } from '../console-clock.ts';
import { tasksUrl } from '../paths.ts';
import type { ApiClient } from './api-client.ts';
import type { HubStream } from './hub-stream.ts';
import type { HubTime } from './hub-time.ts';
import { LiveResource } from './live-resource.ts';

/** What sites have to do, the oldest first, kept current; what comes in changes the fleet too. */
export type TasksData = LiveResource<TasksPage>;

/** More are counted and not shown. */
const mostShown = 500;

export function createTasksData(
  api: ApiClient,
  clock: ConsoleClock,
  hubTime: HubTime,
  stream: HubStream,
): TasksData {
  return new LiveResource(clock, stream, 'fleet', async (signal) => {
    const answer = await api.get<TasksPage>(tasksUrl({ limit: mostShown }), signal);
    if (answer.ok) hubTime.observe(answer.value.asOfMs);
    return answer;
  });
}
