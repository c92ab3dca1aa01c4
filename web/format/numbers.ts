/** Numbers as people read them. Groups are thin: a narrow no-break space never wraps or misreads. */

const thin = '\u202f';

/** `1204118` → `1 204 118` with thin spaces; the minus is a real one. */
export function formatCount(value: number): string {
  const digits = String(Math.abs(value));
  const grouped = digits.length < 4 ? digits : digits.replaceAll(/\B(?=(?:\d{3})+$)/g, thin);
  return value < 0 ? `\u2212${grouped}` : grouped;
}

/** With its sign, for what goes in and out. */
export function formatSigned(value: number): string {
  return value > 0 ? `+${formatCount(value)}` : formatCount(value);
}

/** `1 event`, `12 events`. */
export function countOf(value: number, one: string, many = `${one}s`): string {
  return `${formatCount(value)} ${value === 1 ? one : many}`;
}

const sizes = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes to three digits in the decimal unit that fits. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < sizes.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const text = value >= 10 || unit === 0 ? String(Math.round(value)) : value.toFixed(1);
  return `${text} ${sizes[unit] ?? ''}`;
}

/** `998` → `99.8 %`. */
export function formatPermille(permille: number): string {
  return `${(permille / 10).toFixed(permille % 10 === 0 ? 0 : 1)} %`;
}
