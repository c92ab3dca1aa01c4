import Type from 'typebox';
import { rawEvidence } from '#contracts/api/evidence-api.ts';
import { apiPaths } from '#contracts/api/routes-api.ts';
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

/** What devices sent that an event stands on. */
export function evidencePlugin(queries: Pick<HubQueries, 'rawEvidence'>) {
  return (app: HubApp, _options: unknown, done: () => void): void => {
    app.get(
      apiPaths.rawEvidence,
      {
        config: { access: 'event.read' },
        schema: {
          tags: ['evidence'],
          summary: 'The raw messages behind an event, fetched from its gateway and proved',
          params: eventParams,
          response: { 200: rawEvidence, default: problemReference },
        },
      },
      async (request) => {
        const evidence = await queries.rawEvidence(request.params);
        if (evidence === undefined) {
          throw new Fault('NOT_FOUND', `the hub holds no event ${eventId(request.params)}`);
        }
        return evidence;
      },
    );
    done();
  };
}
