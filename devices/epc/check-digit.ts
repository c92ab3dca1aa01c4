/**
 * The GS1 check digit of a GTIN, SSCC, GLN or GRAI: weights 3 and 1 alternate from the right
 * (GS1 General Specifications 7.9.1).
 *
 * @param digits the number without its check digit
 */
export function checkDigit(digits: string): string {
  let sum = 0;
  let weight = 3;
  for (let at = digits.length - 1; at >= 0; at -= 1) {
    sum += (digits.charCodeAt(at) - 0x30) * weight;
    weight = 4 - weight;
  }
  return String((10 - (sum % 10)) % 10);
}
