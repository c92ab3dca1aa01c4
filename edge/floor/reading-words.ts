import type { ScannedCode } from '#contracts/kinds/scan-kinds.ts';
import type { Reading } from '../../devices/reading.ts';
import { decodeEpc } from '../../devices/epc/decode-epc.ts';

/** A reading as a person reads it: what, where, how much with its unit. */
export function readingWords(reading: Reading): string {
  return partsOf(reading)
    .filter((part) => part !== undefined && part !== '')
    .join(', ');
}

type Part = string | undefined;

function partsOf(of: Reading): Part[] {
  switch (of.type) {
    case 'tag':
      return [
        of.epc,
        epcWords(of.epc),
        of.antenna === undefined ? undefined : `antenna ${of.antenna}`,
        of.rssiCdbm === undefined ? undefined : `${fixed(of.rssiCdbm, 100, 1)} dBm`,
        of.reads === 1 ? undefined : `${of.reads} reads`,
      ];
    case 'climate':
      return [
        of.sensor,
        of.measure === 'temperature' ? `${fixed(of.value, 1000, 1)} °C` : undefined,
        of.measure === 'humidity' ? `${fixed(of.value, 10, 1)} % humidity` : undefined,
        of.historical === true ? 'from its memory' : undefined,
      ];
    case 'counter':
      return [of.counter, `at ${of.value}`];
    case 'machine-state':
      return [of.machine, of.state];
    case 'machine-alarm':
      return [
        of.name,
        of.source,
        of.active ? 'active' : 'over',
        of.acked ? 'acknowledged' : undefined,
        of.message,
      ];
    case 'alarms-standing':
      return [of.channel, `${of.alarms.length} standing`];
    case 'status':
      return [
        of.sensor,
        of.connected ? 'there' : 'gone',
        of.batteryPercent === undefined ? undefined : `battery ${of.batteryPercent} %`,
      ];
    case 'missed':
      return [`${of.samples} samples are missing`];
    case 'scan':
      return [of.code.text, codeWords(of.code)];
    case 'input':
      return [of.input, of.level];
  }
}

/** What an EPC names, where it is one that we know. */
function epcWords(epc: string): Part {
  const named = decodeEpc(epc);
  switch (named.scheme) {
    case 'sgtin':
      return `GTIN ${named.gtin14} serial ${named.serial}`;
    case 'sscc':
      return `SSCC ${named.sscc18}`;
    default:
      return undefined;
  }
}

function codeWords({ gtin, serial, sscc, lot, trouble }: ScannedCode): Part {
  return [
    gtin === undefined ? undefined : `GTIN ${gtin}`,
    serial === undefined ? undefined : `serial ${serial}`,
    lot === undefined ? undefined : `lot ${lot}`,
    sscc === undefined ? undefined : `SSCC ${sscc}`,
    trouble === undefined ? undefined : `not as GS1 has it: ${trouble}`,
  ]
    .filter((part) => part !== undefined)
    .join(' ');
}

/** `-5230` hundredths as `−52.3`. */
function fixed(value: number, per: number, digits: number): string {
  return (value / per).toFixed(digits).replace('-', '−');
}
