import { apiPaths } from '#contracts/api/routes-api.ts';
import { movementsPage, movementsQuery, stockPage, stockQuery } from '#contracts/api/stock-api.ts';
import type { HubApp } from './hub-app.ts';
import type { HubQueries } from './hub-queries.ts';
import { problemReference } from './problem.ts';

const tags = ['stock'];

/** Stock, and the ledger lines behind one row of it. */
export function stockPlugin(queries: Pick<HubQueries, 'stock' | 'movements'>) {
  return (app: HubApp, _options: unknown, done: () => void): void => {
    app.get(
      apiPaths.stock,
      {
        config: { access: 'stock.read' },
        schema: {
          tags,
          summary: 'Stock by site, zone, status, owner, item, lot and handling unit',
          querystring: stockQuery,
          response: { 200: stockPage, default: problemReference },
        },
      },
      (request) => queries.stock(request.query),
    );

    app.get(
      apiPaths.movements,
      {
        config: { access: 'stock.read' },
        schema: {
          tags,
          summary: 'The ledger lines behind one stock row, newest first',
          querystring: movementsQuery,
          response: { 200: movementsPage, default: problemReference },
        },
      },
      (request) => queries.movements(request.query),
    );
    done();
  };
}
