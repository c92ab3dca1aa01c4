import { refuse, succeed, type Result } from '#contracts/fault.ts';
import type { GatewayAddress } from '#contracts/subjects.ts';
import { receiptText, signedReceipt, type Receipt } from '#contracts/uplink.ts';
import { validate } from '#contracts/validate.ts';

/**
 * A receipt that may be believed: well formed, signed by the hub, and for this gateway. Whether its
 * epoch and position fit the journal is for the machine to weigh.
 *
 * @returns refusal BAD_INPUT or SIGNATURE_INVALID.
 */
export function readReceipt(
  text: string,
  address: GatewayAddress,
  isSignedByHub: (text: string, signature: string) => boolean,
): Result<Receipt> {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return refuse('BAD_INPUT', 'the receipt is not JSON');
  }
  const checked = validate(signedReceipt, raw);
  if (!checked.ok) return refuse('BAD_INPUT', `receipt: ${checked.refusal.message}`);
  const { receipt, signature } = checked.value;
  let signed: string;
  try {
    signed = receiptText(receipt);
  } catch {
    return refuse('BAD_INPUT', 'the receipt holds numbers or text without a canonical form');
  }
  if (!isSignedByHub(signed, signature)) {
    return refuse('SIGNATURE_INVALID', "the receipt is not signed with the hub's configured key");
  }
  const { tenant, site, gateway } = receipt;
  if (tenant !== address.tenant || site !== address.site || gateway !== address.gateway) {
    return refuse('BAD_INPUT', `the receipt is for ${tenant}/${site}/${gateway}`);
  }
  return succeed(receipt);
}
