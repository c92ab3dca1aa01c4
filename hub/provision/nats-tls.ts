import type { TlsOptions } from '@nats-io/transport-node';
import type { HubConfig } from '../config/hub-config.ts';

/** How the hub itself dials: files are read at every dial, so a renewed one needs no restart. */
export function natsTlsOf({ nats }: Pick<HubConfig, 'nats'>): { tls?: TlsOptions } {
  const { servers, tls } = nats;
  if (tls === undefined) return servers.some((one) => one.startsWith('tls:')) ? { tls: {} } : {};
  return { tls: { ...tls } };
}
