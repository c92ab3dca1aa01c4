/** What a run counts, and how the figures relate: for help, and for the first lines of a run. */
const countedWords: readonly (readonly [string, string])[] = [
  ['made', 'messages and samples that the simulated devices had to give'],
  ['covered', 'those of made inside the guarantee: QoS 1 or HTTP, from a device that keeps them'],
  ['uncovered', 'those of the other devices given while gateway or server was down: may be lost'],
  ['misread', 'tags unread at a door, and reads by an antenna that looks elsewhere'],
  ['acknowledged', 'answered by a gateway, which has them on disk: each must be in its intake log'],
  ['kept', 'made and not yet answered, in the devices; in the end 0, and covered is acknowledged'],
  ['journalled', 'events that gateways drew from messages: many messages tell nothing new'],
  ['committed', 'those of journalled that the hub has applied and receipted'],
  ['waiting', 'journalled less committed: what an outage holds up; in the end 0'],
  ['lost', 'acknowledged and not in the intake log, or committed and not at the hub'],
  ['doubled', 'applied twice: events, stock, reads of a pass, units, scans, changes of inputs'],
];

/** One line each, in columns. */
export function countedLines(): string[] {
  const width = Math.max(...countedWords.map(([word]) => word.length));
  return countedWords.map(([word, meaning]) => `${word.padEnd(width)}  ${meaning}`);
}
