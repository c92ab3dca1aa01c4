import { inTransitPage, inTransitQuery } from '#contracts/api/in-transit-api.ts';
import { apiPaths } from '#contracts/api/routes-api.ts';
import type { HubApp } from './hub-app.ts';
import type { HubQueries } from './hub-queries.ts';
import { problemReference } from './problem.ts';

/** What is on its way between gateways. */
export function inTransitPlugin(queries: Pick<HubQueries, 'inTransit'>) {
  return (app: HubApp, _options: unknown, done: () => void): void => {
    app.get(
      apiPaths.inTransit,
      {
        config: { access: 'stock.read' },
        schema: {
          tags: ['stock'],
          summary: 'What is on its way between gateways, by lane, the longest first',
          querystring: inTransitQuery,
          response: { 200: inTransitPage, default: problemReference },
        },
      },
      (request) => queries.inTransit(request.query),
    );
    done();
  };
}
