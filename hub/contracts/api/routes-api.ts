/** Every path of the hub's API, in one place for server, console and tests. */
export const apiPaths = {
  session: '/api/session',
  stock: '/api/stock',
  movements: '/api/stock/movements',
  event: '/api/events/:gateway/:epoch/:seq',
  rawEvidence: '/api/events/:gateway/:epoch/:seq/evidence',
  fleet: '/api/fleet',
  outages: '/api/outages',
  stream: '/api/stream',
  openapi: '/api/openapi.json',
  health: '/health',
  metrics: '/metrics',
} as const;
