import type { KnownEpc, UnknownEpc } from '../../devices/epc/decode-epc.ts';
import type { ScannedCode } from '#contracts/kinds/scan-kinds.ts';

/** The handling unit that an EPC names, in the form of `#contracts/goods.ts`; undefined: none. */
export function unitOfEpc(epc: KnownEpc | UnknownEpc): string | undefined {
  switch (epc.scheme) {
    case 'sscc':
      return `sscc:${epc.sscc18}`;
    case 'grai':
      // A GRAI without a serial is a type of asset, not one of them.
      return /^[!-~]{1,16}$/.test(epc.serial) ? `grai:${epc.grai13}:${epc.serial}` : undefined;
    default:
      return undefined;
  }
}

/** The same for a barcode: SSCC (AI 00), or GRAI (AI 8003) as its 13 digits and the serial. */
export function unitOfCode({ sscc, grai }: ScannedCode): string | undefined {
  if (sscc !== undefined) return `sscc:${sscc}`;
  if (grai === undefined) return undefined;
  const serial = grai.slice(13);
  return serial === '' ? undefined : `grai:${grai.slice(0, 13)}:${serial}`;
}
