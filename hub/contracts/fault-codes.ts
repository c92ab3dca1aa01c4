/**
 * The one table of operating faults and refusals: code → HTTP status and whether trying the same
 * thing again can help. Code is matched, message text never.
 */
export const faultCodes = {
  BAD_INPUT: { httpStatus: 400, retryable: false },
  NOT_SIGNED_IN: { httpStatus: 401, retryable: false },
  SIGN_IN_FAILED: { httpStatus: 401, retryable: false },
  NOT_ALLOWED: { httpStatus: 403, retryable: false },
  CROSS_SITE_REQUEST: { httpStatus: 403, retryable: false },
  NOT_FOUND: { httpStatus: 404, retryable: false },
  CONFLICT: { httpStatus: 409, retryable: false },
  BODY_TOO_LARGE: { httpStatus: 413, retryable: false },
  TOO_MANY_ATTEMPTS: { httpStatus: 429, retryable: true },
  INTERNAL: { httpStatus: 500, retryable: false },
  UNAVAILABLE: { httpStatus: 503, retryable: true },
  CONFIG_INVALID: { httpStatus: 400, retryable: false },
  IDENTITY_MISSING: { httpStatus: 500, retryable: false },
  STORE_UNSAFE: { httpStatus: 500, retryable: false },
  STORE_FULL: { httpStatus: 503, retryable: true },
  STORE_BROKEN: { httpStatus: 500, retryable: false },
  STORE_VERSION: { httpStatus: 500, retryable: false },
  CHAIN_BROKEN: { httpStatus: 500, retryable: false },
  SIGNATURE_INVALID: { httpStatus: 400, retryable: false },
  BATCH_MALFORMED: { httpStatus: 400, retryable: false },
  CANONICAL_INVALID: { httpStatus: 400, retryable: false },
  LINK_DOWN: { httpStatus: 503, retryable: true },
  TOKEN_UNKNOWN: { httpStatus: 404, retryable: false },
  TOKEN_USED: { httpStatus: 409, retryable: false },
  TOKEN_EXPIRED: { httpStatus: 410, retryable: false },
  TOKEN_REVOKED: { httpStatus: 403, retryable: false },
  HUB_UNTRUSTED: { httpStatus: 502, retryable: false },
  LOGIN_REFUSED: { httpStatus: 403, retryable: true },
  CERTIFICATE_EXPIRED: { httpStatus: 503, retryable: true },
  CERTIFICATE_REFUSED: { httpStatus: 503, retryable: true },
} as const;

export type FaultCode = keyof typeof faultCodes;
