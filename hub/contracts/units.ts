/**
 * Measured values travel as integers of a small unit, named last in the field: `tempMilliC`,
 * `humidityPermille`, `rssiCdbm`. This is the only place that converts.
 */

/** °C to thousandths. @returns undefined when the value is no finite number. */
export function celsiusToMilliC(celsius: number): number | undefined {
  return scaled(celsius, 1000);
}

/** °F to thousandths of a °C. */
export function fahrenheitToMilliC(fahrenheit: number): number | undefined {
  return scaled((fahrenheit - 32) / 1.8, 1000);
}

/** Relative humidity in percent to permille. */
export function percentToPermille(percent: number): number | undefined {
  return scaled(percent, 10);
}

/** dBm to hundredths of a dBm. */
export function dbmToCdbm(dbm: number): number | undefined {
  return scaled(dbm, 100);
}

function scaled(value: number, factor: number): number | undefined {
  if (!Number.isFinite(value)) return undefined;
  const result = Math.round(value * factor);
  return Number.isSafeInteger(result) ? (result === 0 ? 0 : result) : undefined;
}
