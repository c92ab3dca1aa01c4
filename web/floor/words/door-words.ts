import type { FloorDoor } from '#contracts/api/floor-doors-api.ts';
import { countOf, formatCount, formatPermille } from '../../format/numbers.ts';
import type { Tone } from '../../ui/shapes.ts';

type Reconciled = NonNullable<FloorDoor['last']>;
type Source = Reconciled['sources'][number]['source'];

const sourceNames: Readonly<Record<Source, string>> = {
  rfid: 'RFID',
  counter: 'conveyor',
  scan: 'scans',
  document: 'document',
  unit: 'unit',
};

const ways = { in: 'inbound', out: 'outbound' } as const;

/** `RFID 45 · conveyor 48 · document 48`. */
export function sourcesSaid(sources: Reconciled['sources']): string {
  return sources
    .map(({ source, units }) => `${sourceNames[source]} ${formatCount(units)}`)
    .join(' · ');
}

export interface DoorSaid {
  readonly tone: Tone;
  /** `45 of 48`, `24 agreed`. */
  readonly tag: string;
  readonly text: string;
  readonly detail: string;
}

/** What the sources said of the last passage, and how sure that makes it. */
export function lastSaid({ last, task }: Pick<FloorDoor, 'last' | 'task'>): DoorSaid | undefined {
  if (last === null) return undefined;
  const { agreed, besides, certaintyPermille, sources, units } = last;
  const read = sources.find(({ source }) => source === 'rfid')?.units ?? 0;
  const isAgreed = sources.every(({ source }) => agreed.includes(source));
  const sure = `${formatPermille(certaintyPermille)} sure`;
  if (isAgreed) {
    return {
      tone: 'ok',
      tag: `${formatCount(units)} of ${formatCount(units)}`,
      text: `${listed(agreed)} agree.`,
      detail: `${sourcesSaid(sources)} · ${sure}`,
    };
  }
  if (besides !== undefined) {
    return {
      tone: task === null ? 'info' : 'warn',
      tag: `${formatCount(besides)} on no document`,
      text:
        task === null
          ? 'Things went along that no document names; somebody has looked into it.'
          : `Of ${countOf(read, 'tag')} read, ${formatCount(besides)} on no document. Somebody must look.`,
      detail: `${sourcesSaid(sources)} · ${sure}`,
    };
  }
  const tag = read < units ? `${formatCount(read)} of ${formatCount(units)}` : 'sources differ';
  const missed = units - read;
  const inferred = task === null && missed > 0;
  return {
    tone: task === null ? 'info' : 'warn',
    tag,
    text: inferred
      ? `${countOf(missed, 'tag')} not read, inferred: ${named(agreed)} agree.`
      : task === null
        ? 'They disagreed; somebody has looked into it.'
        : `Likeliest ${formatCount(units)}, by ${named(agreed)}. Somebody must look.`,
    detail: `${sourcesSaid(sources)} · ${sure}`,
  };
}

/** `inbound, ASN-77120`. */
export function passageName(
  direction: 'in' | 'out' | null,
  documents: readonly string[] = [],
): string {
  const way = direction === null ? 'passing' : ways[direction];
  return [way, ...documents.slice(0, 2)].join(' · ');
}

/** Doors where something passes first, then those with a question, then the newest. */
export function sortedDoors(doors: readonly FloorDoor[]): readonly FloorDoor[] {
  const rank = ({ passing, task }: FloorDoor) => (passing.length > 0 ? 0 : task === null ? 2 : 1);
  return doors
    .filter(({ passing, last }) => passing.length > 0 || last !== null)
    .sort((a, b) => rank(a) - rank(b) || (b.last?.endedAt ?? 0) - (a.last?.endedAt ?? 0));
}

function listed(sources: readonly Source[]): string {
  const text = named(sources);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function named(sources: readonly Source[]): string {
  const names = sources.map((source) => sourceNames[source]);
  const last = names.pop() ?? '';
  return names.length === 0 ? last : `${names.join(', ')} and ${last}`;
}
