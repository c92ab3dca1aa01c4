import { fleet } from '#contracts/api/fleet-api.ts';
import { apiPaths } from '#contracts/api/routes-api.ts';
import type { HubApp } from './hub-app.ts';
import type { HubQueries } from './hub-queries.ts';
import { problemReference } from './problem.ts';

/** Gateways, devices and open alerts. */
export function fleetPlugin(queries: Pick<HubQueries, 'fleet'>) {
  return (app: HubApp, _options: unknown, done: () => void): void => {
    app.get(
      apiPaths.fleet,
      {
        config: { access: 'fleet.read' },
        schema: {
          tags: ['fleet'],
          summary: 'Gateways, devices and open alerts, as last heard',
          response: { 200: fleet, default: problemReference },
        },
      },
      () => queries.fleet(),
    );
    done();
  };
}
