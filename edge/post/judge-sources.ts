import type { EventPayload } from '#contracts/event-kinds.ts';

type Reconciled = EventPayload<'stock.reconciled'>;
type Sources = Reconciled['sources'];
type Source = Sources[number]['source'];

/**
 * The sources that know by themselves. What a unit holds is what its tags stand for once a quorum of
 * them was read: the same look at the goods as these tags, and no second opinion beside them.
 */
export function independentOf(sources: Sources): Sources {
  const isRead = sources.some(({ source }) => source === 'rfid');
  return isRead ? sources.filter(({ source }) => source !== 'unit') : sources;
}

/**
 * Nobody needs to look: nothing went along that is on no document, and all agree; or only the tags are fewer, and units stand for the rest, as
 * their quorum has it, or two others agree well and the tags are that quorum of their figure. Tags
 * are missed; they are not invented.
 */
export function isSettled(
  { agreed, besides, certaintyPermille: sure, sources, units }: Reconciled,
  quorumPermille: number,
): boolean {
  if (besides !== undefined) return false;
  const others = sources.filter(({ source }) => !agreed.includes(source));
  const [only] = others;
  if (only === undefined) return true;
  if (others.length > 1 || only.source !== 'rfid' || only.units > units) return false;
  if (agreed.includes('unit')) return true;
  return agreed.length >= 2 && sure >= 900 && only.units * 1000 >= units * quorumPermille;
}

/**
 * How often a source has fewer pieces than there are, and how often more: tags are shadowed, scans
 * forgotten, belts double-count, documents are not what was loaded. Field figures, rounded.
 */
const errorRate: Readonly<Record<Source, { readonly fewer: number; readonly more: number }>> = {
  rfid: { fewer: 0.2, more: 0.01 },
  counter: { fewer: 0.02, more: 0.01 },
  scan: { fewer: 0.2, more: 0.001 },
  document: { fewer: 0.025, more: 0.025 },
  unit: { fewer: 0.025, more: 0.025 },
};

/**
 * The likeliest of the figures that sources have, by Bayes' rule with even prior odds over these
 * figures and over none of them being right; of equally likely ones the highest. Only independent
 * sources count; tags speak for their own figure and for that of the units they stand for.
 */
export function judgeSources(sources: Sources): {
  readonly units: number;
  readonly agreed: Source[];
  readonly certainty: number;
} {
  const figures = [...new Set(sources.map(({ units }) => units))].sort((a, b) => b - a);
  const independent = independentOf(sources);
  const byUnits = sources.find(({ source }) => source === 'unit')?.units;
  const likelihoods = figures.map((units) =>
    product(independent, (one) => {
      const isMeant = one.source === 'rfid' && units === byUnits;
      return chanceOf(isMeant ? { ...one, units } : one, units);
    }),
  );
  const noneRight = product(independent, ({ source }) => {
    return errorRate[source].fewer + errorRate[source].more;
  });
  const best = Math.max(...likelihoods);
  const all = likelihoods.reduce((sum, one) => sum + one, noneRight);
  const units = figures[likelihoods.indexOf(best)] ?? 0;
  return {
    units,
    agreed: sources.filter((one) => one.units === units).map(({ source }) => source),
    certainty: Math.min(999, Math.floor((1000 * best) / all)),
  };
}

/** How likely a source has this figure when there are so many. */
function chanceOf({ source, units: said }: Sources[number], units: number): number {
  const { fewer, more } = errorRate[source];
  if (said === units) return 1 - fewer - more;
  return said < units ? fewer : more;
}

function product<T>(of: readonly T[], value: (one: T) => number): number {
  return of.reduce((total, one) => total * value(one), 1);
}
