import { apiPaths } from '#contracts/api/routes-api.ts';
import { closed, oneOf } from '#contracts/schema.ts';
import type { HubApp } from './hub-app.ts';
import type { HubHealth } from './hub-health.ts';

const health = closed({
  status: oneOf(['ok', 'degraded']),
  store: oneOf(['ok', 'full']),
  nats: oneOf(['connected', 'away']),
  lanes: oneOf(['ok', 'stuck']),
});

/**
 * For supervisors and load balancers: a few words, open to everybody. Degraded is 200, because what
 * is there is served on, and a restart would help no full disk, no absent NATS and no stuck lane.
 */
export function healthPlugin(healthOf: () => HubHealth) {
  return (app: HubApp, _options: unknown, done: () => void): void => {
    app.get(
      apiPaths.health,
      {
        config: { access: 'public' },
        schema: {
          tags: ['operation'],
          summary: 'Whether the hub works',
          response: { 200: health },
        },
      },
      () => {
        const { store, nats, lanes } = healthOf();
        const well = store === 'ok' && nats === 'connected' && lanes === 'ok';
        return { status: well ? 'ok' : 'degraded', store, nats, lanes } as const;
      },
    );
    done();
  };
}
