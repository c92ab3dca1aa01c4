import { parseGatewayId, parseSiteId, type GatewayId, type SiteId, type TenantId } from './ids.ts';

/** Who a subject belongs to. */
export interface GatewayAddress {
  readonly tenant: TenantId;
  readonly site: SiteId;
  readonly gateway: GatewayId;
}

/**
 * What flows under a gateway's address: up and now, hello with its reply, receipts down; the hub
 * asks on evidence, and the gateway answers. It asks for its downlink, and is nudged to.
 */
const lanes = ['up', 'now', 'hello', 'receipt', 'evidence', 'downlink', 'nudge'] as const;
export type Lane = (typeof lanes)[number];

/** `hf.1.<tenant>.<site>.<gateway>.<lane>` */
export function subjectOf(address: GatewayAddress, lane: Lane): string {
  return `hf.1.${address.tenant}.${address.site}.${address.gateway}.${lane}`;
}

/** One lane of every gateway of a tenant. */
export function subjectOfAll(tenant: TenantId, lane: Lane): string {
  return `hf.1.${tenant}.*.*.${lane}`;
}

/** JetStream stream that caches the wire. */
export function upStreamName(tenant: TenantId): string {
  return `HF1_${tenant}_UP`;
}

/** A private inbox prefix: the default one would let gateways read each other's replies. */
export function inboxPrefix(address: GatewayAddress): string {
  return `_INBOX_${address.tenant}_${address.site}_${address.gateway}`;
}

/** Site and gateway of a subject that `subjectOfAll` matched. @throws Fault BAD_INPUT */
export function addressOf(subject: string): { site: SiteId; gateway: GatewayId } {
  const [, , , site = '', gateway = ''] = subject.split('.');
  return { site: parseSiteId(site), gateway: parseGatewayId(gateway) };
}
