import Type from 'typebox';
import { apiPaths } from '#contracts/api/routes-api.ts';
import { Fault } from '#contracts/fault.ts';
import { sessionOf } from './access-guard.ts';
import type { EventStreams } from './event-streams.ts';
import type { HubApp } from './hub-app.ts';
import { problemReference } from './problem.ts';

/** Word of change as server-sent events (WHATWG HTML, 9.2). */
export function streamPlugin(streams: EventStreams) {
  return (app: HubApp, _options: unknown, done: () => void): void => {
    app.addHook('onReady', (ready) => {
      streams.start();
      ready();
    });
    app.addHook('preClose', (closed) => {
      streams.stop();
      closed();
    });
    app.get(
      apiPaths.stream,
      {
        config: { access: 'stream.read' },
        // A HEAD request would hold a stream that nobody reads.
        exposeHeadRoute: false,
        schema: {
          tags: ['stream'],
          summary: 'Server-sent events: which topic changed, at which sites',
          produces: ['text/event-stream'],
          response: {
            200: Type.String({ description: 'each data field is a StreamMessage in JSON' }),
            default: problemReference,
          },
        },
      },
      (request, reply) => {
        const { id } = sessionOf(request);
        if (!streams.hasRoom(id)) throw new Fault('UNAVAILABLE', 'too many streams are open');
        reply.hijack();
        reply.raw.writeHead(200, {
          ...reply.getHeaders(),
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store, no-transform',
          'x-accel-buffering': 'no',
        } as Record<string, string>);
        streams.add(reply.raw, id);
      },
    );
    done();
  };
}
