import { pageHeaders } from '#contracts/api/page-headers.ts';
import type { HubApp } from './hub-app.ts';

const strictTransport = { 'strict-transport-security': 'max-age=31536000' };

export function addSecurityHeaders(app: HubApp, https: boolean): void {
  const headers = https ? { ...pageHeaders, ...strictTransport } : pageHeaders;
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(headers);
    done();
  });
}
