import { LineCounter, parseDocument } from 'yaml';
import { placeOf } from './place-of.ts';

/** A configuration as one gateway has it, or is to have it. */
export interface ConfigOfGateway {
  readonly site: string;
  readonly gateway: string;
  readonly text: string;
}

/** A zone that several gateways of a site would post in. */
export interface SharedZone {
  readonly site: string;
  readonly zone: string;
  readonly gateways: readonly string[];
  /** In the text of the first of them. */
  readonly line?: number;
  readonly column?: number;
  readonly path: string;
}

/**
 * Zones that two or more gateways of one site own by what they are told. A gateway owns the zones of
 * its `zones` section but those that name another `gateway`.
 */
export function sharedZones(configs: readonly ConfigOfGateway[]): SharedZone[] {
  const owned = new Map<string, SharedZone>();
  for (const { gateway, site, text } of configs) {
    for (const { zone, ...at } of zonesOf(text, gateway)) {
      const key = `${site}\n${zone}`;
      const before = owned.get(key);
      owned.set(key, {
        ...(before ?? { site, zone, ...at }),
        gateways: [...new Set([...(before?.gateways ?? []), gateway])],
      });
    }
  }
  return [...owned.values()].filter(({ gateways }) => gateways.length > 1);
}

/** Whether a text says anything of zones. */
export function hasZones(text: string): boolean {
  return parseDocument(text).has('zones');
}

/** Every zone that a text names, whoever owns it. */
export function zonesNamedIn(text: string): string[] {
  const { zones } = (parseDocument(text).toJS({ maxAliasCount: 100 }) ?? {}) as { zones?: unknown };
  if (!Array.isArray(zones)) return [];
  return zones.flatMap((entry: unknown) => {
    const { id } = (entry ?? {}) as { id?: unknown };
    return typeof id === 'string' ? [id] : [];
  });
}

function zonesOf(text: string, gateway: string) {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const { zones } = (document.toJS({ maxAliasCount: 100 }) ?? {}) as { readonly zones?: unknown };
  if (!Array.isArray(zones)) return [];
  return zones.flatMap((entry: unknown, index) => {
    const { gateway: owner = gateway, id } = (entry ?? {}) as { gateway?: unknown; id?: unknown };
    if (typeof id !== 'string' || owner !== gateway) return [];
    return [{ zone: id, path: `/zones/${index}`, ...placeOf(document, ['zones', index], lines) }];
  });
}
