import {
  evidenceRequestText,
  signedEvidenceRequest,
  type EvidenceRequest,
} from '#contracts/evidence.ts';
import { refuse, succeed, type Result } from '#contracts/fault.ts';
import type { GatewayAddress } from '#contracts/subjects.ts';
import { validate } from '#contracts/validate.ts';
import { verifySignature } from '../identity/verify-signature.ts';

const maxRequestBytes = 4096;

/** Reads what came on the evidence lane. @returns BAD_INPUT, or SIGNATURE_INVALID. */
export function readRequest(
  data: Uint8Array,
  { tenant, site, gateway }: GatewayAddress,
  hubPublicKey: string,
): Result<EvidenceRequest> {
  if (data.length > maxRequestBytes) return refuse('BAD_INPUT', 'the request is too long');
  let raw: unknown;
  try {
    raw = JSON.parse(Buffer.from(data).toString('utf8'));
  } catch {
    return refuse('BAD_INPUT', 'the request is not JSON');
  }
  const signed = validate(signedEvidenceRequest, raw);
  if (!signed.ok) return signed;
  const { request, signature } = signed.value;
  const text = evidenceRequestText(`${tenant}/${site}/${gateway}`, request);
  if (verifySignature(hubPublicKey, text, signature)) return succeed(request);
  return refuse('SIGNATURE_INVALID', 'the request is not signed by the hub');
}
