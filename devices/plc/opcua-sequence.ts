/**
 * The order of a subscription's notification messages (OPC UA Part 4, 7.9): numbers count by one
 * and wrap from 2^32 − 1 to 1. A keep-alive carries the number that the next message will have
 * (5.14.1.1). While a broken connection is being repaired, live messages overtake those that are
 * republished: they wait until the ones before them are there.
 */
export interface MessageOrder<M> {
  /** The last number that is accounted for; undefined before the first message. */
  readonly last: number | undefined;
  readonly waiting: ReadonlyMap<number, M>;
}

export interface Delivery<M> {
  readonly message: M;
  /** Numbers before this message never came. */
  readonly skipped: boolean;
}

export interface OrderStep<M> {
  readonly order: MessageOrder<M>;
  readonly deliveries: readonly Delivery<M>[];
}

export interface NumberedMessage<M> {
  readonly sequenceNumber: number;
  readonly isKeepAlive: boolean;
  readonly message: M;
}

const maxSequence = 0xffffffff;

/**
 * Takes one message. What was delivered before, or given up, is left out: it would turn back
 * time.
 */
export function takeMessage<M>(
  order: MessageOrder<M>,
  { isKeepAlive, message, sequenceNumber }: NumberedMessage<M>,
  isRepairing: boolean,
): OrderStep<M> {
  const { last, waiting } = order;
  const number = isKeepAlive ? before(sequenceNumber) : sequenceNumber;
  if (last === undefined) return deliver(number, waiting, [{ message, skipped: false }]);
  const ahead = (number - last) | 0;
  if (ahead < 0 || (ahead === 0 && !isKeepAlive)) return { order, deliveries: [] };
  const skipped = number !== (isKeepAlive ? last : after(last));
  if (!skipped || !isRepairing) return deliver(number, waiting, [{ message, skipped }]);
  if (isKeepAlive) return { order, deliveries: [] };
  return { order: { last, waiting: new Map(waiting).set(number, message) }, deliveries: [] };
}

/** The repair is over: what still waits is delivered, with what is missing before it. */
export function endRepair<M>(order: MessageOrder<M>): OrderStep<M> {
  let step: OrderStep<M> = { order: { last: order.last, waiting: new Map() }, deliveries: [] };
  const from = order.last ?? 0;
  const numbers = [...order.waiting.keys()].sort((a, b) => ((a - from) | 0) - ((b - from) | 0));
  for (const number of numbers) {
    const message = order.waiting.get(number);
    if (message === undefined) continue;
    const taken = { sequenceNumber: number, isKeepAlive: false, message };
    const next = takeMessage(step.order, taken, false);
    step = { order: next.order, deliveries: [...step.deliveries, ...next.deliveries] };
  }
  return step;
}

/** Delivers, and behind it whatever waited for just this message. */
function deliver<M>(
  number: number,
  waiting: ReadonlyMap<number, M>,
  first: readonly Delivery<M>[],
): OrderStep<M> {
  const deliveries = [...first];
  const rest = new Map(waiting);
  let last = number;
  for (let next = after(last); rest.has(next); next = after(last)) {
    const message = rest.get(next);
    rest.delete(next);
    if (message !== undefined) deliveries.push({ message, skipped: false });
    last = next;
  }
  return { order: { last, waiting: rest }, deliveries };
}

function after(sequence: number): number {
  return sequence === maxSequence ? 1 : sequence + 1;
}

/** Before the first message nothing was sent: 0. */
function before(sequence: number): number {
  return sequence <= 1 ? 0 : sequence - 1;
}
