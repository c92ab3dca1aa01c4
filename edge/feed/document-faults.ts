import { encodeCanonical, type Canonical } from '#contracts/canonical.ts';
import { describeFaults, pathText } from '#contracts/config-faults.ts';
import { siteDocument, type SiteDocument } from '#contracts/documents.ts';
import { messageOf } from '#contracts/fault.ts';
import { soundPart, type Sound } from '#contracts/sound-part.ts';
import { nameFaults } from '../stock/goods-names.ts';

/** One thing that is wrong with a document, as its sender needs it. */
export interface DocumentFault {
  /** As one would say it: `lines[2].quantity`; empty for all of it. */
  readonly path: string;
  /** What stands there, shortened; absent where nothing does. */
  readonly value?: unknown;
  readonly remedy: string;
}

/** What a document must fit to besides its form. */
export interface DocumentPlace {
  readonly site: string;
  readonly zones: ReadonlySet<string>;
  /** Item numbers that the config lists. */
  readonly items?: ReadonlySet<string>;
}

type SoundDocument = Sound<SiteDocument>;
type Keys = readonly (string | number)[];

/** All that is wrong with a document, of form and of sense; none: it is a `SiteDocument`. */
export function documentFaults(value: unknown, place: DocumentPlace): DocumentFault[] {
  const ofForm = describeFaults(siteDocument, value);
  const pointers = new Set(
    ofForm.map(({ keys }) => keys.map((key) => `/${pointer(key)}`).join('')),
  );
  const sound = soundPart<SiteDocument>(value, pointers);
  if (typeof sound !== 'object' || sound === null) return ofForm.map(withoutKeys);
  const faults = [
    ...ofForm.map(withoutKeys),
    ...placeFaults(sound, place),
    ...lineFaults(sound),
    ...unitFaults(sound),
    ...namesFaults(sound, place),
  ];
  return faults.length > 0 ? faults : textFaults(value);
}

function withoutKeys({ path, value, remedy }: DocumentFault & { keys: Keys }): DocumentFault {
  return { path, ...(value === undefined ? {} : { value }), remedy };
}

function pointer(key: string | number): string {
  return String(key).replaceAll('~', '~0').replaceAll('/', '~1');
}

function faultAt(keys: Keys, value: unknown, remedy: string): DocumentFault {
  return { path: pathText(keys), ...(value === undefined ? {} : { value }), remedy };
}

/** Tags and barcodes would name something else. */
function namesFaults({ lines, units }: SoundDocument, { items }: DocumentPlace): DocumentFault[] {
  const known = {
    isItem: (item: string) => items?.has(item) ?? false,
    isUnit: () => false,
  };
  const found = nameFaults({ lines, units }, known);
  return found.map(({ keys, value, remedy }) => faultAt(keys, value, remedy));
}

function placeFaults({ site, zone }: SoundDocument, of: DocumentPlace): DocumentFault[] {
  const faults: DocumentFault[] = [];
  if (site !== undefined && site !== of.site) {
    faults.push(faultAt(['site'], site, `send it to the gateway of that site: this is ${of.site}`));
  }
  if (zone !== undefined && !of.zones.has(zone)) {
    const known = [...of.zones].slice(0, 20).join(', ');
    faults.push(faultAt(['zone'], zone, `use a zone of this gateway, as ${known}`));
  }
  return faults;
}

function lineFaults({ lines = [] }: SoundDocument): DocumentFault[] {
  const byNumber = new Map<number, number>();
  const bySerial = new Map<string, number>();
  return lines.flatMap((line, index) => {
    const faults: DocumentFault[] = [];
    const first = line?.line === undefined ? undefined : byNumber.get(line.line);
    if (first !== undefined) {
      const remedy = `give it a number of its own: lines[${first}] has this one`;
      faults.push(faultAt(['lines', index, 'line'], line?.line, remedy));
    } else if (line?.line !== undefined) byNumber.set(line.line, index);
    faults.push(...countFaults(['lines', index], line));
    for (const [at, epc] of (line?.serials ?? []).entries()) {
      if (epc === undefined) continue;
      const other = bySerial.get(epc);
      if (other === undefined) bySerial.set(epc, index);
      else {
        const remedy = `name each thing once: lines[${other}] has it`;
        faults.push(faultAt(['lines', index, 'serials', at], epc, remedy));
      }
    }
    return faults;
  });
}

type Counted = { quantity?: number | undefined; serials?: readonly unknown[] | undefined };

function countFaults(keys: Keys, { quantity, serials = [] }: Counted = {}): DocumentFault[] {
  if (quantity === undefined || serials.length <= quantity) return [];
  const remedy = `name at most ${quantity}, the quantity, or raise that`;
  return [faultAt([...keys, 'serials'], `a list of ${serials.length}`, remedy)];
}

function unitFaults({ lines = [], units = [] }: SoundDocument): DocumentFault[] {
  const expected = new Map(lines.map((line) => [line?.line, line?.quantity]));
  const packed = new Map<number, number>();
  const parents = new Map<string, string | undefined>();
  const faults: DocumentFault[] = [];
  for (const [index, unit] of units.entries()) {
    if (unit?.unit === undefined) continue;
    if (parents.has(unit.unit)) {
      faults.push(faultAt(['units', index, 'unit'], unit.unit, 'list each unit once'));
    } else parents.set(unit.unit, unit.parent);
    for (const [at, content] of (unit.contents ?? []).entries()) {
      const keys = ['units', index, 'contents', at];
      const line = content?.line;
      if (line !== undefined && !expected.has(line)) {
        faults.push(faultAt([...keys, 'line'], line, 'use the number of a line of this document'));
      } else if (line !== undefined) {
        faults.push(...packedFaults(keys, line, content?.quantity, expected.get(line), packed));
      }
      faults.push(...countFaults(keys, content));
    }
  }
  return [...faults, ...parentFaults(units, parents)];
}

/** Units together hold no more of a line than it has. */
function packedFaults(
  keys: Keys,
  line: number,
  quantity: number | undefined,
  expected: number | undefined,
  packed: Map<number, number>,
): DocumentFault[] {
  if (quantity === undefined || expected === undefined) return [];
  const before = packed.get(line) ?? 0;
  packed.set(line, before + quantity);
  // Said where it first is too much.
  if (before > expected || before + quantity <= expected) return [];
  const sum = before + quantity;
  const remedy = `units have ${sum} of line ${line} by now, which expects ${expected}: correct one`;
  return [faultAt([...keys, 'quantity'], quantity, remedy)];
}

function parentFaults(
  units: NonNullable<SoundDocument['units']>,
  parents: ReadonlyMap<string, string | undefined>,
): DocumentFault[] {
  return units.flatMap((unit, index) => {
    const parent = unit?.parent;
    if (parent === undefined || unit?.unit === undefined) return [];
    const keys = ['units', index, 'parent'];
    if (!parents.has(parent)) {
      return [faultAt(keys, parent, 'list that unit too, or leave the parent out')];
    }
    const isWithin = ancestorsOf(parent, parents).has(unit.unit);
    return isWithin ? [faultAt(keys, parent, 'a unit cannot be within itself')] : [];
  });
}

function ancestorsOf(
  unit: string,
  parents: ReadonlyMap<string, string | undefined>,
): ReadonlySet<string> {
  const found = new Set<string>();
  for (
    let at: string | undefined = unit;
    at !== undefined && !found.has(at);
    at = parents.get(at)
  ) {
    found.add(at);
  }
  return found;
}

/** Text that is no Unicode and numbers beyond 2⁵³ have no place in the intake log. */
function textFaults(value: unknown): DocumentFault[] {
  try {
    encodeCanonical(value as Canonical);
    return [];
  } catch (error) {
    return [
      faultAt([], undefined, `write it in plain text and whole numbers: ${messageOf(error)}`),
    ];
  }
}
