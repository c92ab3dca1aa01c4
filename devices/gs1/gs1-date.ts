/**
 * Before this year nobody scans: a gateway that booted in 1970 must not move a shelf life into
 * another century.
 */
const firstYear = 2025;

/** Whether six digits are a date YYMMDD, where day 00 stands for the month alone. */
export function isGs1Date(digits: string): boolean {
  const [, month, day] = partsOf(digits);
  // The leap day is judged with the century, which changes nothing: 2000 was a leap year.
  return month >= 1 && month <= 12 && day <= lastDayOf(2000 + partsOf(digits)[0], month);
}

/**
 * A date YYMMDD as YYYY-MM-DD. Day 00 is the last day of the month (GS1 General Specifications
 * 3.4). The century is the one that puts the year at most 49 years before and 50 years after the
 * year of the scan (7.12).
 *
 * @param scannedAtMs UTC milliseconds
 */
export function gs1Date(digits: string, scannedAtMs: number): string {
  const [shortYear, month, day] = partsOf(digits);
  const now = Math.max(new Date(scannedAtMs).getUTCFullYear(), firstYear);
  const ahead = shortYear - (now % 100);
  const century = Math.floor(now / 100) + (ahead >= 51 ? -1 : ahead <= -50 ? 1 : 0);
  const year = century * 100 + shortYear;
  const pad = (value: number, length: number) => String(value).padStart(length, '0');
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day === 0 ? lastDayOf(year, month) : day, 2)}`;
}

function partsOf(digits: string): [shortYear: number, month: number, day: number] {
  return [Number(digits.slice(0, 2)), Number(digits.slice(2, 4)), Number(digits.slice(4, 6))];
}

function lastDayOf(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
