import Type from 'typebox';
import { apiPaths } from '#contracts/api/routes-api.ts';
import { eventEvidence } from '#contracts/api/stock-api.ts';
import { Fault } from '#contracts/fault.ts';
import { eventId } from '#contracts/ids.ts';
import { closed, name } from '#contracts/schema.ts';
import type { HubApp } from './hub-app.ts';
import type { HubQueries } from './hub-queries.ts';
import { problemReference } from './problem.ts';

const eventParams = closed({
  gateway: name,
  epoch: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  seq: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
});

/** One event with its evidence. */
export function eventPlugin(queries: Pick<HubQueries, 'event'>) {
  return (app: HubApp, _options: unknown, done: () => void): void => {
    app.get(
      apiPaths.event,
      {
        config: { access: 'event.read' },
        schema: {
          tags: ['evidence'],
          summary: 'An event as it was signed, with hash and signature checked again',
          params: eventParams,
          response: { 200: eventEvidence, default: problemReference },
        },
      },
      async (request) => {
        const evidence = await queries.event(request.params);
        if (evidence === undefined) {
          throw new Fault('NOT_FOUND', `the hub holds no event ${eventId(request.params)}`);
        }
        return evidence;
      },
    );
    done();
  };
}
