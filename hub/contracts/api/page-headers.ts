/**
 * Only what the server itself serves may run, load or be sent to; nobody may frame it. Trusted Types
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

/**
 * Headers of every answer of a server that serves pages, also of errors: the hub with the console, a
 * gateway with the floor page. Cross-origin reads stay closed: no CORS header is sent.
 */
export const pageHeaders: Readonly<Record<string, string>> = {
  // Answers are for who asked, now; the files of a page say otherwise themselves.
  'cache-control': 'no-store',
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};
