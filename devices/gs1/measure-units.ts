import type { ScannedCode } from '#contracts/kinds/scan-kinds.ts';
import type { CodeElement } from './element-string.ts';

type Measure = NonNullable<ScannedCode['measures']>[number];

/** Units of the measures 310n–369n, by the first three digits (General Specifications 3.6). */
const units: readonly (readonly [unit: string, ...ais: number[]])[] = [
  ['kg', 310, 330],
  ['m', 311, 312, 313, 331, 332, 333],
  ['m2', 314, 334],
  ['l', 315, 335],
  ['m3', 316, 336],
  ['lb', 320, 340],
  ['in', 321, 324, 327, 341, 344, 347],
  ['ft', 322, 325, 328, 342, 345, 348],
  ['yd', 323, 326, 329, 343, 346, 349],
  ['kg/m2', 337],
  ['in2', 350, 353],
  ['ft2', 351, 354],
  ['yd2', 352, 355],
  ['ozt', 356],
  ['oz', 357],
  ['qt', 360, 362],
  ['gal', 361, 363],
  ['in3', 364, 367],
  ['ft3', 365, 368],
  ['yd3', 366, 369],
];
const unitOf = new Map(units.flatMap(([unit, ...ais]) => ais.map((ai) => [String(ai), unit])));

/** The measure that an element is, if it is one: its last digit places the decimal point. */
export function measureOf({ ai, value }: CodeElement): Measure | undefined {
  const unit = unitOf.get(ai.slice(0, 3));
  if (unit === undefined || ai.length !== 4) return undefined;
  return { ai: ai.slice(0, 3), decimals: Number(ai.slice(3)), unit, value: Number(value) };
}
