import type { IncomingHttpHeaders } from 'node:http';
import { csrfHeader } from '#contracts/api/session-api.ts';
import { Fault } from '#contracts/fault.ts';
import type { HubApp } from './hub-app.ts';

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const loopbackNames: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Why a request must be taken as another site's, or undefined. A page elsewhere cannot send our
 * header without a CORS preflight, which is never granted; Origin and Sec-Fetch-Site (W3C Fetch
 * Metadata) are a second wall, and stop a name that was rebound to a loopback address.
 *
 * @param publicOrigin the origin that people use, where a proxy stands in front; otherwise only
 * loopback names are ours.
 */
function crossSiteReason(
  method: string,
  headers: IncomingHttpHeaders,
  publicOrigin: string | undefined,
): string | undefined {
  if (safeMethods.has(method)) return undefined;
  if (headers[csrfHeader] === undefined) return `the header ${csrfHeader} is missing`;
  const fetchSite = headers['sec-fetch-site'];
  if (fetchSite !== undefined && fetchSite !== 'same-origin') {
    return 'another site asked for this';
  }
  const { origin, host = '' } = headers;
  if (origin === undefined) return undefined;
  if (publicOrigin !== undefined) {
    return origin === publicOrigin ? undefined : 'the origin is not the public address of this hub';
  }
  const ours = origin === `http://${host}` && loopbackNames.has(host.replace(/:\d+$/, ''));
  return ours ? undefined : 'the origin is not this hub';
}

export function addCrossSiteGuard(app: HubApp, publicOrigin: string | undefined): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const reason = crossSiteReason(request.method, request.headers, publicOrigin);
    if (reason === undefined) {
      done();
      return;
    }
    request.log.warn({ reason, address: request.ip }, 'http.cross-site-refused');
    done(new Fault('CROSS_SITE_REQUEST', reason));
  });
}
