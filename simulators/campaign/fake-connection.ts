import { subjectOf, type GatewayAddress } from '#contracts/subjects.ts';
import type { Dial } from '../../edge/uplink/dial.ts';
import type { HubConnection, HubListener } from '../../edge/uplink/hub-connection.ts';
import type { FakeNats } from './fake-nats.ts';
import type { FakeWire, Link } from './fake-wire.ts';
import type { MachineTime } from './virtual-time.ts';

export interface DialParts {
  readonly address: GatewayAddress;
  readonly link: Link;
  readonly nats: FakeNats;
  readonly time: MachineTime;
}

const storeTimeoutMs = 5_000;

/** Connects a gateway over the fake network, as `natsDial` does over the real one. */
export function fakeDial(parts: DialParts): Dial {
  const { address, link, nats, time } = parts;
  return (listener) => {
    const wire = nats.connect(address.gateway, link);
    return new Promise((resolve) => {
      if (wire === undefined) {
        time.after(1, () => resolve({ reason: 'nobody listens there' }));
        return;
      }
      const connection = new FakeConnection(parts, wire, listener);
      wire.toServer(() => wire.toClient(connection.heard(() => resolve(connection))));
      time.after(storeTimeoutMs, () => resolve({ reason: 'no answer in time' }));
    });
  };
}

class FakeConnection implements HubConnection {
  readonly maxPayload = 1_048_576;
  readonly closed: Promise<string>;
  readonly #parts: DialParts;
  readonly #wire: FakeWire;
  readonly #isAlive: () => boolean;
  readonly #waiting = new Set<(error: Error) => void>();
  #isGone = false;

  constructor(parts: DialParts, wire: FakeWire, listener: HubListener) {
    this.#parts = parts;
    this.#wire = wire;
    // What comes for a process that died meanwhile, nobody hears.
    this.#isAlive = parts.time.alive;
    this.closed = new Promise((resolve) => {
      wire.onClosed('client', (reason) => {
        if (!this.#isAlive()) return;
        this.#isGone = true;
        for (const giveUp of this.#waiting) giveUp(new Error(reason));
        this.#waiting.clear();
        resolve(reason);
      });
    });
    const hear = (text: string) => this.heard(() => listener.receipt(text))();
    parts.nats.subscribeReceipts(parts.address.gateway, wire, hear);
  }

  /** Runs on the gateway's machine, if the process that asked is still there. */
  heard(run: () => void): () => void {
    return () => {
      if (this.#isAlive()) this.#parts.time.soon(run);
    };
  }

  isGone(): boolean {
    return this.#isGone;
  }

  requestReceipt(hello: string, timeoutMs: number): Promise<string> {
    const { address, nats } = this.#parts;
    return this.#ask<string>(timeoutMs, (settle) => {
      this.#wire.toServer(() => {
        const answer = (text: string) => this.#wire.toClient(this.heard(() => settle(text)));
        if (nats.request(address.gateway, Buffer.from(hello), answer)) return;
        this.#wire.toClient(this.heard(() => settle(new Error('no hub is listening'))));
      });
    });
  }

  store(message: Uint8Array, id: string): Promise<{ duplicate: boolean }> {
    const { address, nats } = this.#parts;
    const subject = subjectOf(address, 'up');
    const data = Buffer.from(message);
    return this.#ask<{ duplicate: boolean }>(storeTimeoutMs, (settle) => {
      this.#wire.toServer(() => {
        const stored = nats.store(subject, data, id);
        const answer = typeof stored === 'string' ? new Error(stored) : stored;
        this.#wire.toClient(this.heard(() => settle(answer)));
      });
    });
  }

  requestDownlink(): Promise<Uint8Array> {
    return Promise.reject(new Error('a simulated hub has no downlink'));
  }

  sendNow(): void {
    // Current facts are shown, never posted: nothing here looks at them.
  }

  close(): Promise<void> {
    this.#wire.break('closed');
    return Promise.resolve();
  }

  #ask<T>(timeoutMs: number, send: (settle: (value: T | Error) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      // What a process still wants to say when it is dead, nobody hears.
      if (!this.#isAlive()) return;
      const end = () => {
        cancel();
        this.#waiting.delete(reject);
      };
      const cancel = this.#parts.time.after(timeoutMs, () => {
        end();
        reject(new Error('no answer in time'));
      });
      this.#waiting.add(reject);
      send((value) => {
        end();
        if (value instanceof Error) reject(value);
        else resolve(value);
      });
    });
  }
}
