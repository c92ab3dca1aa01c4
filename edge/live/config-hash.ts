import { hash } from 'node:crypto';
import type { GatewayConfig } from '../config/gateway-config.ts';

/**
 * SHA-256 of a config, whatever the order of its keys, its comments and its form. It holds paths of
 * secrets, not what is in them.
 */
export function configHash(config: GatewayConfig): string {
  return hash('sha256', orderedJson(config), 'hex');
}

/** JSON with the keys of every object in order. Unlike journalled values, it may hold fractions. */
export function orderedJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** A config as anybody with the token may see it: addresses without what signs in there. */
export function redacted(config: GatewayConfig): unknown {
  return JSON.parse(JSON.stringify(config), (_, value: unknown) =>
    typeof value === 'string' ? value.replace(/^([a-z.+]+:\/\/)[^/@]*@/i, '$1***@') : value,
  );
}
