import { hasCheckDigit } from './value-format.ts';

/** The lengths of GTIN-8, -12, -13 and -14. */
const gtinShape = /^(?:\d{8}|\d{12,14})$/;

/** Whether digits have the length of a GTIN, right or not. */
export function looksLikeGtin(digits: string): boolean {
  return gtinShape.test(digits);
}

/** @returns the GTIN in 14 digits, or undefined where the check digit is wrong. */
export function gtinOf(digits: string): string | undefined {
  return looksLikeGtin(digits) && hasCheckDigit(digits) ? digits.padStart(14, '0') : undefined;
}

/**
 * Digits that suppressed zeros of a UPC-A left in a UPC-E symbol, put back (GS1 General
 * Specifications 5.2.2.4.2): number system 0 or 1, six digits, the check digit of the whole.
 *
 * @returns undefined where it is no UPC-E.
 */
export function expandUpcE(digits: string): string | undefined {
  const [, system, body = '', check] = /^([01])(\d{6})(\d)$/.exec(digits) ?? [];
  if (system === undefined || check === undefined) return undefined;
  const last = body.slice(5);
  const expanded =
    last <= '2'
      ? `${body.slice(0, 2)}${last}0000${body.slice(2, 5)}`
      : last === '3'
        ? `${body.slice(0, 3)}00000${body.slice(3, 5)}`
        : last === '4'
          ? `${body.slice(0, 4)}00000${body.slice(4, 5)}`
          : `${body.slice(0, 5)}0000${last}`;
  return `${system}${expanded}${check}`;
}

/**
 * Whether a GTIN-14 is for restricted circulation: it identifies within one company or region
 * only, and part of it may be a weight or a price (GS1 General Specifications 2.1.11, 1.4.3).
 */
export function isRestricted(gtin: string): boolean {
  return gtin.startsWith('000000') ? /^0{6}[02]/.test(gtin) : /^\d(?:0[24]|2)/.test(gtin);
}
