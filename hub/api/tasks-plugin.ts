import { apiPaths } from '#contracts/api/routes-api.ts';
import { tasksPage, tasksQuery } from '#contracts/api/tasks-api.ts';
import type { HubApp } from './hub-app.ts';
import type { HubQueries } from './hub-queries.ts';
import { problemReference } from './problem.ts';

/** What sites have to do: recounts, questions, acts to be reviewed. */
export function tasksPlugin(queries: Pick<HubQueries, 'tasks'>) {
  return (app: HubApp, _options: unknown, done: () => void): void => {
    app.get(
      apiPaths.tasks,
      {
        config: { access: 'task.read' },
        schema: {
          tags: ['tasks'],
          summary: 'What sites have to do, as their gateways say; open ones, the oldest first',
          querystring: tasksQuery,
          response: { 200: tasksPage, default: problemReference },
        },
      },
      (request) => queries.tasks(request.query),
    );
    done();
  };
}
