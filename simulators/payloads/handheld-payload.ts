import { codeOf } from './scan-labels.ts';
import type { ScanPayload } from './scanner-payload.ts';
import type { ScanEmission, TagEmission } from '../world/emission.ts';

/**
 * What a Zebra RFD40 or RFD90 publishes for tags (`dataEVT`). `EPC` has the protocol control word in
 * front; `EPCid` is the identifier alone.
 *
 * @param baseMs wall time at which the world's time was zero.
 * @param firstEventNum number of the first tag of this message.
 */
export function handheldTagPayload(
  { atMs, number, reads }: TagEmission,
  baseMs: number,
  firstEventNum: number,
): Uint8Array {
  const asText = number % 10 === 0;
  const tagData = reads.map(({ epc, rssiCdbm, seen }, index) => ({
    EPC: `${protocolControl(epc)}${epc}`,
    EPCid: epc.toLowerCase(),
    peakRssi: asText ? String(Math.round(rssiCdbm / 100)) : Math.round(rssiCdbm / 100),
    seenCount: seen,
    eventNum: firstEventNum + index,
    channel: 911.75,
    phase: 0,
    accessResults: [],
  }));
  return message(baseMs + atMs, { tagData });
}

/** The same for barcodes, which it gives no number. */
export function handheldScanPayload(emission: ScanEmission, baseMs: number): ScanPayload {
  const codes = emission.labels.map(codeOf);
  const barcodeData = codes.map(({ text, symbology }) => ({ decodedBarcode: text, symbology }));
  return {
    payload: message(baseMs + emission.atMs, { barcodeData }),
    codes: codes.map(({ text }) => text),
  };
}

function message(atMs: number, data: object): Uint8Array {
  const timestamp = new Date(atMs).toISOString();
  return Buffer.from(JSON.stringify({ type: 'BALANCED_PERFORMANCE', timestamp, data }));
}

/** The word that stands before an EPC on the tag: its length in words of 16 bits, in five bits. */
function protocolControl(epc: string): string {
  const word = Math.floor(epc.length / 4) << 11;
  return word.toString(16).toUpperCase().padStart(4, '0');
}
