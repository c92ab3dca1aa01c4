import { outagesPage, outagesQuery } from '#contracts/api/outages-api.ts';
import { apiPaths } from '#contracts/api/routes-api.ts';
import type { HubApp } from './hub-app.ts';
import type { HubQueries } from './hub-queries.ts';
import { problemReference } from './problem.ts';

/** Interruptions, and what became of what was kept meanwhile, by page. */
export function outagesPlugin(queries: Pick<HubQueries, 'outages'>) {
  return (app: HubApp, _options: unknown, done: () => void): void => {
    app.get(
      apiPaths.outages,
      {
        config: { access: 'outage.read' },
        schema: {
          tags: ['outages'],
          summary:
            'Interruptions, with what was kept, replayed and lost; those that last come first',
          querystring: outagesQuery,
          response: { 200: outagesPage, default: problemReference },
        },
      },
      (request) => queries.outages(request.query),
    );
    done();
  };
}
