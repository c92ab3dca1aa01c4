import { fixedLength, valueFormat, type ValueFormat } from './value-format.ts';

/**
 * The application identifiers of GS1 General Specifications, section 3, with the formats of their
 * values as `valueFormat` reads them. `310-316` with `n` behind stands for every fourth digit 0–5,
 * which is the place of the decimal point.
 */
const table: readonly (readonly [ais: string, format: string])[] = [
  ['00', 'n18!'],
  ['01-03', 'n14!'],
  ['10', 'x..20'],
  ['11-13 15-17', 'n6d'],
  ['20', 'n2'],
  ['21-22 243 254 420 710-716 7020-7022 7240 8002 8012', 'x..20'],
  ['235', 'x..28'],
  ['240-241 250-251 400-401 403 7002 7023 8004', 'x..30'],
  ['242', 'n..6'],
  ['253', 'n13! x..17?'],
  ['255', 'n13! n..12?'],
  ['30 37', 'n..8'],
  ['310-316n 320-337n 340-357n 360-369n', 'n6'],
  ['3900-3909', 'n..15'],
  ['3910-3919 3930-3939', 'n3 n..15'],
  ['3920-3929', 'n..15'],
  ['3940-3943 8111', 'n4'],
  ['3950-3955 8005', 'n6'],
  ['402', 'n17!'],
  ['410-417', 'n13!'],
  ['421', 'n3 x..9'],
  ['422 424 426', 'n3'],
  ['423 425', 'n..15'],
  ['427 7008', 'x..3'],
  ['4300-4301 4310-4311 4320', 'x..35'],
  ['4302-4306 4312-4316 8110 8112 8200', 'x..70'],
  ['4307 4317', 'x2'],
  ['4308 4319', 'x..30'],
  ['4309', 'n20'],
  ['4318', 'x..20'],
  ['4321-4323', 'n1'],
  ['4324-4325 7003', 'n6d n4'],
  ['4326 7006', 'n6d'],
  ['4330-4333', 'n6 x1?'],
  ['7001', 'n13'],
  ['7004', 'n..4'],
  ['7005', 'x..12'],
  ['7007', 'n6d n6d?'],
  ['7009', 'x..10'],
  ['7010', 'x..2'],
  ['7011', 'n6d n4?'],
  ['7030-7039', 'n3 x..27'],
  ['7040', 'n1 x3'],
  ['7041', 'x..4'],
  ['7230-7239', 'x2 x..28'],
  ['7241', 'n2'],
  ['7242', 'x..25'],
  ['7250', 'n8'],
  ['7251', 'n12'],
  ['7252', 'n1'],
  ['7253-7254 7259', 'x..40'],
  ['7255', 'x..10'],
  ['7256', 'x..90'],
  ['7257', 'x..70'],
  ['7258', 'x3'],
  ['8001', 'n14'],
  ['8003', 'n1z n13! x..16?'],
  ['8006 8026', 'n14! n4'],
  ['8007', 'x..34'],
  ['8008', 'n8 n..4?'],
  ['8009', 'x..50'],
  ['8010', 'y..30'],
  ['8011', 'n..12'],
  ['8013 8020', 'x..25'],
  ['8014', 'x..25'],
  ['8017-8018', 'n18!'],
  ['8019', 'n..10'],
  ['8030', 'z..90'],
  ['90', 'x..30'],
  ['91-99', 'x..90'],
];

/** Figure 7.8.5-2: these need no separator behind them, and never will. */
const predefined = /^(?:0[0-4]|1[1-9]|20|3[1-6]|41)/;

export interface ApplicationIdentifier {
  readonly ai: string;
  readonly format: ValueFormat;
  /** The length of a value that ends without a separator. */
  readonly predefinedLength: number | undefined;
}

/** By the digits of the identifier; none is the beginning of another. */
export const applicationIdentifiers: ReadonlyMap<string, ApplicationIdentifier> = new Map(
  table.flatMap(([ais, text]) => {
    const format = valueFormat(text);
    return ais
      .split(' ')
      .flatMap(expand)
      .map((ai) => {
        const predefinedLength = predefined.test(ai) ? fixedLength(format) : undefined;
        return [ai, { ai, format, predefinedLength }] as const;
      });
  }),
);

/** `11-13` → 11, 12, 13; `310-311n` → 3100 to 3105 and 3110 to 3115. */
function expand(range: string): string[] {
  const [, first = '', last = first, decimals] = /^(\d+)(?:-(\d+))?(n?)$/.exec(range) ?? [];
  const ais: string[] = [];
  for (let at = Number(first); at <= Number(last); at += 1) {
    const ai = String(at).padStart(first.length, '0');
    if (decimals === '') ais.push(ai);
    else for (let point = 0; point <= 5; point += 1) ais.push(`${ai}${point}`);
  }
  return ais;
}

/** The identifier that stands at a place of a text. */
export function identifierAt(text: string, at: number): ApplicationIdentifier | undefined {
  for (let length = 2; length <= 4; length += 1) {
    const found = applicationIdentifiers.get(text.slice(at, at + length));
    if (found !== undefined) return found;
  }
  return undefined;
}
