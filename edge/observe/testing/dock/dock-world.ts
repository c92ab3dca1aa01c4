import type { SiteDocument } from '#contracts/documents.ts';
import { encodeSgtin96, encodeSscc96 } from '../../../../devices/epc/encode-epc.ts';
import { decodeEpc } from '../../../../devices/epc/decode-epc.ts';
import { unitOfEpc } from '../../../stock/unit-id.ts';
import { listen, type RadioRates, type RoundReport } from './dock-radio.ts';
import { seededRandom } from './seeded-random.ts';
import { tellStory, type TrueMove } from './tag-story.ts';

/** What is asked of a world. Loose things have a story each, those on a pallet one together. */
export interface WorldPlan {
  readonly seed: number;
  readonly rates: RadioRates;
  readonly loose: number;
  readonly pallets: number;
  readonly perPallet: number;
}

/** A pallet with its own tag. */
export interface WorldUnit {
  readonly unit: string;
  readonly tag: string;
  readonly epcs: readonly string[];
}

export interface WorldReport extends RoundReport {
  readonly epc: string;
}

export interface DockWorld {
  /** In the order in which they are sent. */
  readonly reports: readonly WorldReport[];
  /** What really happened to each thing. */
  readonly moves: ReadonlyMap<string, readonly TrueMove[]>;
  readonly units: readonly WorldUnit[];
  readonly endS: number;
}

export const usualRates = { cross: 0.2, stray: 0.05, shadow: 0 } as const;

/** Stories begin within this time, so that many go on at once. */
const beginWithinS = 600;
const companyPrefix = '0614141';

/** @returns the same world for the same plan */
export function dockWorld(plan: WorldPlan): DockWorld {
  const { seed, rates, loose, pallets, perPallet } = plan;
  const random = seededRandom(seed);
  const reports: WorldReport[] = [];
  const moves = new Map<string, readonly TrueMove[]>();
  const units: WorldUnit[] = [];
  let serial = 0;
  let endS = 0;
  const tell = (epcs: readonly string[], others: readonly string[]) => {
    const story = tellStory(random.between(0, beginWithinS), random);
    endS = Math.max(endS, story.endS);
    for (const epc of [...epcs, ...others]) {
      const passes = story.moves.map(() => random.chance(rates.shadow));
      const shadowed = (pass: number) => passes[pass - 1] === true;
      const tag = { offsetDb: 3 * random.normal(), shadowed };
      for (const report of listen(story, tag, rates, random)) reports.push({ ...report, epc });
    }
    for (const epc of epcs) moves.set(epc, story.moves);
  };
  const item = () => {
    serial += 1;
    return encodeSgtin96({ companyPrefix, itemReference: '812345', serial });
  };
  for (let index = 0; index < loose; index += 1) tell([item()], []);
  for (let index = 0; index < pallets; index += 1) {
    const epcs = Array.from({ length: perPallet }, item);
    const serialReference = `1${String(index).padStart(9, '0')}`;
    const tag = encodeSscc96({ companyPrefix, serialReference });
    units.push({ unit: unitOfEpc(decodeEpc(tag)) ?? '', tag, epcs });
    tell(epcs, [tag]);
  }
  reports.sort((a, b) => a.sentS - b.sentS || a.readS - b.readS);
  return { reports, moves, units, endS };
}

/** What a supplier announces of the pallets. */
export function announcementOf({ units }: DockWorld): SiteDocument {
  const [first] = units;
  const named = decodeEpc(first?.epcs[0] ?? '');
  const item = named.scheme === 'sgtin' ? named.gtin14 : '';
  return {
    type: 'receipt',
    id: 'ASN-1',
    version: 1,
    site: 'leeds',
    state: 'open',
    tolerance: { overPermille: 0, underPermille: 0 },
    lines: units.map(({ epcs }, index) => ({ line: index + 1, item, quantity: epcs.length })),
    units: units.map(({ unit, epcs }, index) => ({
      unit,
      contents: [{ line: index + 1, quantity: epcs.length, serials: [...epcs] }],
    })),
  };
}
