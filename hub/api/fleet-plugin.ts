import { fleet } from '#contracts/api/fleet-api.ts';
import {
  gatewayQuarantine,
  quarantineQuery,
  type QuarantineQuery,
} from '#contracts/api/quarantine-api.ts';
import { apiPaths } from '#contracts/api/routes-api.ts';
import type { HubApp } from './hub-app.ts';
import type { HubQueries } from './hub-queries.ts';
import { problemReference } from './problem.ts';

/** Gateways, devices and open alerts. */
export function fleetPlugin(queries: Pick<HubQueries, 'fleet' | 'gatewayQuarantine'>) {
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
    app.get<{ Querystring: QuarantineQuery }>(
      apiPaths.fleetQuarantine,
      {
        config: { access: 'fleet.read' },
        schema: {
          tags: ['fleet'],
          summary: 'Why something of a gateway is in quarantine, with counts and the last time',
          querystring: quarantineQuery,
          response: { 200: gatewayQuarantine, default: problemReference },
        },
      },
      ({ query }) => queries.gatewayQuarantine(query.gateway),
    );
    done();
  };
}
