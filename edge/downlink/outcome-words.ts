import { maxDownlinkFaults, type DownlinkFault } from '#contracts/downlink.ts';
import { refuse, type Refusal } from '#contracts/fault.ts';
import { shorten as shown, type ConfigFault } from '#contracts/config-fault.ts';
import { configFaultsOf, locateFaults } from '../config/load-config.ts';
import type { TargetOutcome } from './downlink-target.ts';

/** Faults as they travel: shortened, with the name of what has them and what was found there. */
export function travelFaults(faults: readonly ConfigFault[]): DownlinkFault[] {
  return faults.slice(0, maxDownlinkFaults).map((fault) => ({
    ...(fault.line !== undefined && { line: fault.line }),
    ...(fault.column !== undefined && { column: fault.column }),
    message: shorten(wordsOf(fault), 300),
    path: shorten(fault.path, 200),
    remedy: shorten(fault.remedy, 300),
  }));
}

/** Names, numbers and words are shown; a whole section, or what may be a secret, is not. */
function wordsOf({ message, name, path, value }: ConfigFault): string {
  const of = name === undefined ? '' : `${name}: `;
  const isSecret = /pass|secret|token|seed|private|key|url/i.test(path);
  const isShown = ['string', 'number', 'boolean'].includes(typeof value) && !isSecret;
  return isShown ? `${of}${message}, found ${shown(value)}` : `${of}${message}`;
}

/** A refusal of a pushed text, with the lines that its faults have there. */
export function refusedOutcome({ code, details, message }: Refusal, pushed: string): TargetOutcome {
  const faults = configFaultsOf(details).map(withoutLine);
  return {
    result: 'refused',
    code,
    text: shorten(message, 500),
    faults: travelFaults(locateFaults(faults, pushed)),
  };
}

/** A refusal of a text that was put into another one, with its faults in lines of its own. */
export function inLinesOf(refusal: Refusal, text: string) {
  const faults = locateFaults(configFaultsOf(refusal.details).map(withoutLine), text);
  return refuse(refusal.code, refusal.message, { ...refusal.details, faults });
}

function withoutLine({ line: _line, column: _column, ...fault }: ConfigFault): ConfigFault {
  return fault;
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 3)}...`;
}
