import { Gauge, Histogram, type Registry } from 'prom-client';
import type { EventStreams } from './event-streams.ts';
import type { HubApp } from './hub-app.ts';

/** Measures every answer by route pattern, never by address: that would be without bound. */
export function addHttpMetrics(app: HubApp, registry: Registry, streams: EventStreams): void {
  const duration = new Histogram({
    name: 'holdfast_hub_http_request_seconds',
    help: 'Time to answer a request',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  const open: Gauge = new Gauge({
    name: 'holdfast_hub_streams_open',
    help: 'Open event streams',
    registers: [registry],
    collect: () => open.set(streams.open),
  });
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    const labels = { method: request.method, route, status: reply.statusCode };
    duration.observe(labels, reply.elapsedTime / 1000);
    done();
  });
}
