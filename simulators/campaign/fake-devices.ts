import { actTypes, type FloorAct, type Lease } from '#contracts/acts.ts';
import type { Random } from '../prng.ts';
import type { GatewayProcess } from './gateway-node.ts';
import { FakeWire, type Link } from './fake-wire.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Where devices and people of a gateway find it: undefined while its process is down. */
export type Reached = () => GatewayProcess | undefined;

const dayMs = 86_400_000;
const reconnectMs = 1_000;
const answerWithinMs = 10_000;

/**
 * A barcode scanner with a buffer: what was not acknowledged is sent again on every connection, in
 * order and under the same id, and some of it twice.
 */
export class FakeScanner {
  readonly device: string;
  /** In the order in which they were scanned. */
  readonly scanned: string[] = [];
  readonly acknowledged = new Set<string>();
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #link: Link;
  readonly #reached: Reached;
  readonly #repeats: number;
  #wire: FakeWire | undefined;
  #gateway: GatewayProcess | undefined;

  constructor(parts: {
    device: string;
    time: VirtualTime;
    random: Random;
    link: Link;
    reached: Reached;
    /** Chance that a scan is sent twice at once. */
    repeats: number;
  }) {
    this.device = parts.device;
    this.#time = parts.time;
    this.#random = parts.random;
    this.#link = parts.link;
    this.#reached = parts.reached;
    this.#repeats = parts.repeats;
    this.#connect();
  }

  scan(): void {
    const scan = `${this.device}-scan-${String(this.scanned.length + 1).padStart(5, '0')}`;
    this.scanned.push(scan);
    if (this.#wire?.isOpen === true) this.#send(scan);
  }

  /** The connection breaks, as when the device's battery is changed. */
  unplug(): void {
    this.#wire?.break('unplugged');
  }

  #connect(): void {
    const gateway = this.#reached();
    if (gateway === undefined) {
      this.#time.after(reconnectMs, () => this.#connect());
      return;
    }
    this.#gateway = gateway;
    const wire = new FakeWire(this.#time, this.#random, this.#link);
    this.#wire = wire;
    wire.onClosed('client', () => {
      if (this.#wire !== wire) return;
      this.#wire = undefined;
      this.#time.after(reconnectMs, () => this.#connect());
    });
    for (const scan of this.scanned) if (!this.acknowledged.has(scan)) this.#send(scan);
    this.#watch(wire);
  }

  /** A process that is gone answers nothing: the connection is reset. */
  #watch(wire: FakeWire): void {
    this.#time.after(500, () => {
      if (!wire.isOpen) return;
      if (this.#reached() === this.#gateway) this.#watch(wire);
      else wire.break('reset');
    });
  }

  #send(scan: string): void {
    const wire = this.#wire;
    const gateway = this.#gateway;
    if (wire === undefined || gateway === undefined) return;
    const payload = Buffer.from(JSON.stringify({ id: scan, code: `BOX-${scan}` }));
    const times = this.#random.chance(this.#repeats) ? 2 : 1;
    for (let time = 0; time < times; time += 1) {
      wire.toServer(() => {
        if (this.#reached() !== gateway) return;
        gateway.message(this.device, payload, () => {
          if (this.#reached() !== gateway) return;
          wire.toClient(() => void this.acknowledged.add(scan));
        });
      });
    }
  }
}

/** Receives goods at the floor page, and asks again under the same id until there is an answer. */
export class FakePerson {
  readonly person: string;
  /** Act id → quantity. */
  readonly asked = new Map<string, number>();
  readonly applied = new Set<string>();
  readonly refused: string[] = [];
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #reached: Reached;
  readonly #nowMs: () => number;

  constructor(parts: {
    person: string;
    time: VirtualTime;
    random: Random;
    reached: Reached;
    nowMs: () => number;
  }) {
    this.person = parts.person;
    this.#time = parts.time;
    this.#random = parts.random;
    this.#reached = parts.reached;
    this.#nowMs = parts.nowMs;
  }

  receive(): void {
    const id = `${this.person}-act-${String(this.asked.size + 1).padStart(4, '0')}`;
    const quantity = 1 + this.#random.below(9);
    this.asked.set(id, quantity);
    this.#ask({
      id,
      person: this.person,
      type: 'receive',
      zone: 'dock',
      what: { goods: { item: 'screw-m4', quantity } },
    });
  }

  #ask(act: FloorAct): void {
    const gateway = this.#reached();
    let isOver = false;
    const again = () => {
      if (isOver || this.applied.has(act.id)) return;
      isOver = true;
      this.#time.after(reconnectMs, () => this.#ask(act));
    };
    this.#time.after(answerWithinMs, again);
    if (gateway === undefined) {
      again();
      return;
    }
    gateway.act(act, this.#lease()).then(({ outcome }) => {
      // An answer of a process that died in between reaches nobody.
      if (this.#reached() !== gateway || outcome === undefined) return;
      const isApplied =
        outcome.type === 'applied' || (outcome.type === 'repeated' && outcome.of === 'applied');
      if (isApplied) this.applied.add(act.id);
      else this.refused.push(`${act.id}: ${JSON.stringify(outcome)}`);
    }, again);
  }

  #lease(): Lease {
    const nowMs = this.#nowMs();
    return {
      id: `lease-${this.person}`,
      person: this.person,
      may: [...actTypes],
      // Longer than any clock here is off.
      validFromMs: nowMs - 30 * dayMs,
      validUntilMs: nowMs + 30 * dayMs,
      limitPerEntry: 1000,
      limitCumulative: 1_000_000,
    };
  }
}
