/**
 * Events that all gateways together may have under way to this hub: about a second of its work, so
 * that a fresh event is never behind more than that.
 */
const eventsUnderWay = 16_000;
/** One gateway alone: enough that it sends on while its last receipt is on the way. */
const mostForOne = 8_000;
/** A full batch: below that, a lane would crawl. */
const leastForOne = 500;

/** Credit of each gateway while `draining` of them work off a backlog. */
export function fairCredit(draining: number): number {
  const share = Math.floor(eventsUnderWay / Math.max(1, draining));
  return Math.max(leastForOne, Math.min(mostForOne, share));
}
