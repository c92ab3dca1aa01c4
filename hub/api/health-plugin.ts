import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import { apiPaths } from '#contracts/api/routes-api.ts';
import { closed, name, oneOf } from '#contracts/schema.ts';
import type { HubApp } from './hub-app.ts';
import type { HubHealth } from './hub-health.ts';

const health = closed({
  status: oneOf(['ok', 'degraded']),
  store: oneOf(['ok', 'full']),
  nats: oneOf(['connected', 'away']),
  lanes: oneOf(['ok', 'stuck', 'halted']),
  halted: Type.Optional(
    Type.Array(closed({ site: name, gateway: name, state: oneOf(['halted', 'stuck']) }), {
      description: 'Whose lanes: for the bearer token of metrics, and for who may read the fleet',
    }),
  ),
});

/**
 * For supervisors and load balancers: a few words, open to everybody. Degraded is 200, because what
 * is there is served on, and a restart would help no full disk, no absent NATS and no lane that
 * waits for somebody.
 *
 * @param mayName whether who asks may know the gateways by name.
 */
export function healthPlugin(
  healthOf: () => HubHealth,
  mayName: (request: FastifyRequest) => Promise<boolean>,
) {
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
      async (request) => {
        const { store, nats, halted } = healthOf();
        const lanes = lanesWord(halted);
        const well = store === 'ok' && nats === 'connected' && lanes === 'ok';
        const words = { status: well ? 'ok' : 'degraded', store, nats, lanes } as const;
        return (await mayName(request)) ? { ...words, halted: [...halted] } : words;
      },
    );
    done();
  };
}

/** The gravest: what is stuck is tried again by itself, what is halted waits for a person. */
function lanesWord(halted: HubHealth['halted']): 'ok' | 'stuck' | 'halted' {
  if (halted.some(({ state }) => state === 'halted')) return 'halted';
  return halted.length === 0 ? 'ok' : 'stuck';
}
