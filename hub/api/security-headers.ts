import type { HubApp } from './hub-app.ts';

/**
 * Only what the hub itself serves may run, load or be sent to; nobody may frame it. Trusted Types
 * would go further, but the grid library writes its own templates through innerHTML.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Headers of every answer, also of errors. Cross-origin reads stay closed: no CORS header is sent. */
function securityHeaders(https: boolean): Readonly<Record<string, string>> {
  return {
    // Answers are for who asked, now; the console's files say otherwise themselves.
    'cache-control': 'no-store',
    'content-security-policy': contentSecurityPolicy,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    ...(https && { 'strict-transport-security': 'max-age=31536000' }),
  };
}

export function addSecurityHeaders(app: HubApp, https: boolean): void {
  const headers = securityHeaders(https);
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(headers);
    done();
  });
}
