/**
 * Mean kinetic temperature: the one steady temperature at which goods would have aged as much as
 * they did (J. D. Haynes, J. Pharm. Sci. 60, 1971; USP <1160>, now <1079.2>; ICH Q1A):
 *
 *     T_K = (ΔH/R) / −ln( Σ Δt_i · e^(−ΔH/(R·T_i)) / Σ Δt_i )
 *
 * with ΔH = 83.144 kJ/mol and R = 8.3144 J/(mol·K), so that ΔH/R is 10 000 K.
 *
 * Numeric form. What is summed are integers: milliseconds times e^(ΔH/R·(1/T₀ − 1/T)), T₀ = 20 °C,
 * in units of 2⁻⁵⁶, rounded to a whole number. e^x and ln are made of + − × ÷ alone, which IEEE 754
 * defines to the bit, unlike what `Math.exp` gives: a replay adds up to the same text anywhere. The
 * result is within a thousandth of a °C of the formula between −80 and +80 °C.
 */
const activationK = 10_000;
const referenceMilliK = 293_150;
const zeroCelsiusMilliK = 273_150;
/** 2⁵⁶. */
const unit = 72_057_594_037_927_936;
const ln2 = 0.693_147_180_559_945_3;
/** Beyond these no sensor of a warehouse is right, and the sum stays small. */
const coldestMilliC = -100_000;
const hottestMilliC = 150_000;

/** What one millisecond at a temperature (thousandths of a °C) adds to the sum. */
export function kineticWeight(milliC: number): bigint {
  const within = Math.min(hottestMilliC, Math.max(coldestMilliC, milliC));
  const milliK = within + zeroCelsiusMilliK;
  const exponent = (activationK * 1000 * (milliK - referenceMilliK)) / (milliK * referenceMilliK);
  return BigInt(Math.round(exponential(exponent) * unit));
}

/** @param sum of weights over `coveredMs`. @returns thousandths of a °C; undefined without time. */
export function meanKineticMilliC(sum: bigint, coveredMs: number): number | undefined {
  if (coveredMs <= 0 || sum <= 0n) return undefined;
  const mean = Number(sum) / coveredMs / unit;
  const slope = (logarithm(mean) * referenceMilliK) / (activationK * 1000);
  return Math.round(referenceMilliK / (1 - slope)) - zeroCelsiusMilliK;
}

/** e^x: Taylor's series after the powers of two are taken out. */
function exponential(x: number): number {
  const doublings = Math.round(x / ln2);
  const rest = x - doublings * ln2;
  let value = 1;
  for (let term = 18; term > 0; term -= 1) value = 1 + (value * rest) / term;
  for (let step = 0; step < doublings; step += 1) value *= 2;
  for (let step = 0; step > doublings; step -= 1) value /= 2;
  return value;
}

/** ln x = 2·artanh((x − 1)/(x + 1)) after the powers of two are taken out. */
function logarithm(x: number): number {
  let rest = x;
  let doublings = 0;
  for (; rest > 1.5; rest /= 2) doublings += 1;
  for (; rest < 0.75; rest *= 2) doublings -= 1;
  const ratio = (rest - 1) / (rest + 1);
  const square = ratio * ratio;
  let series = 0;
  for (let power = 31; power > 0; power -= 2) series = 1 / power + square * series;
  return 2 * ratio * series + doublings * ln2;
}
