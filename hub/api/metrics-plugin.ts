import type { Registry } from 'prom-client';
import Type from 'typebox';
import { apiPaths } from '#contracts/api/routes-api.ts';
import type { HubApp } from './hub-app.ts';
import { problemReference } from './problem.ts';

/** For Prometheus, with a bearer token of its own. */
export function metricsPlugin(registry: Registry) {
  return (app: HubApp, _options: unknown, done: () => void): void => {
    app.get(
      apiPaths.metrics,
      {
        config: { access: 'metrics-token' },
        schema: {
          tags: ['operation'],
          summary: 'Metrics in the Prometheus text format',
          produces: ['text/plain'],
          response: { 200: Type.String(), default: problemReference },
        },
      },
      async (_request, reply) => {
        const text = await registry.metrics();
        return reply.type(registry.contentType).send(text);
      },
    );
    done();
  };
}
