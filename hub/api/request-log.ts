import type { FastifyRequest } from 'fastify';
import type { HubApp } from './hub-app.ts';

/** What a log line says of a request: the route's pattern, not the address with its query. */
function requestFields(request: FastifyRequest) {
  return {
    method: request.method,
    route: request.routeOptions.url ?? 'none',
    address: request.ip,
  };
}

/** One line when an answer is done. */
export function addRequestLog(app: HubApp): void {
  app.addHook('onResponse', (request, reply, done) => {
    const answered = {
      ...requestFields(request),
      status: reply.statusCode,
      username: request.signedIn?.username,
      durationMs: Math.round(reply.elapsedTime),
    };
    request.log.debug(answered, 'http.answered');
    done();
  });
}
