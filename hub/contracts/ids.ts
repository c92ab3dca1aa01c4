import { Fault } from './fault.ts';

/**
 * Branded identifiers. A value of these types went through its parse function once; nobody builds
 * one by casting. Names of tenants, sites, gateways, zones and devices are subject tokens and file
 * names as well, hence the narrow alphabet.
 */
declare const brand: unique symbol;
type Branded<B extends string> = string & { readonly [brand]: B };

export type TenantId = Branded<'tenant'>;
export type SiteId = Branded<'site'>;
export type GatewayId = Branded<'gateway'>;
export type OwnerId = Branded<'owner'>;

/** What a name may look like: lower case, digits and dashes, 1 to 40 characters. */
export const namePattern = '^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$';
const nameShape = new RegExp(namePattern);

function parser<B extends string>(what: B): (text: string) => Branded<B> {
  return (text) => {
    if (!nameShape.test(text)) {
      throw new Fault(
        'BAD_INPUT',
        `${what} "${text}": use 1 to 40 lower-case letters, digits and dashes`,
        { details: { what, value: text } },
      );
    }
    return text as Branded<B>;
  };
}

export const parseTenantId: (text: string) => TenantId = parser('tenant');
export const parseSiteId: (text: string) => SiteId = parser('site');
export const parseGatewayId: (text: string) => GatewayId = parser('gateway');
const parseOwnerId: (text: string) => OwnerId = parser('owner');

export const defaultTenant: TenantId = parseTenantId('main');
export const defaultOwner: OwnerId = parseOwnerId('own');

/** Where an event stands: the identity that makes applying it twice impossible. */
export interface EventPosition {
  readonly gateway: string;
  readonly epoch: number;
  readonly seq: number;
}

/** `gateway/epoch/seq`, the event's name in URLs, logs and evidence. */
export function eventId(position: EventPosition): string {
  return `${position.gateway}/${position.epoch}/${position.seq}`;
}
