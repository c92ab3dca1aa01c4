import type { Clock } from '#contracts/time.ts';
import type { Connection } from './connection.ts';
import type { DeviceRates } from './device-rates.ts';
import type { IntakeLog } from './intake-log.ts';
import type { LineFaults } from './line-faults.ts';

export interface ConnectionReaderOptions {
  readonly intake: IntakeLog;
  readonly rates: DeviceRates;
  readonly lineFaults: LineFaults;
  /** Trusted time. */
  readonly clock: Clock;
}

/** When connections are read, and what of them: not while the log holds, and no faster than allowed. */
export class ConnectionReader {
  readonly #options: ConnectionReaderOptions;

  constructor(options: ConnectionReaderOptions) {
    this.#options = options;
  }

  /**
   * A frame that is too long ends the connection at its header. While the log holds, what a device
   * sends next is put aside, and then the device has to wait. @returns whether to read on.
   */
  read(connection: Connection, bytes: Buffer): boolean {
    const { clock, intake } = this.#options;
    const nowMs = (connection.heardMs = clock.nowMs());
    if (connection.isThrottled) {
      connection.holdBack(bytes);
      return this.#isWhole(connection) && connection.hasRoom;
    }
    if (intake.hold !== undefined && connection.access !== undefined) {
      connection.park(bytes, nowMs);
      return false;
    }
    return this.#pass(connection, connection.frames.read(bytes), bytes.length, nowMs);
  }

  /** The engine has room again, or the device may go on. */
  readOn({ access, hasRoom, socket }: Connection): void {
    if (!hasRoom) return;
    if (this.#options.intake.hold === undefined || access === undefined) socket.resume();
  }

  /** The log holds no more. */
  resume(connection: Connection): void {
    const goesOn = connection.isThrottled || this.takeHeld(connection);
    const parked = connection.unpark();
    if (connection.socket.destroyed) return;
    if (parked === undefined ? goesOn : this.read(connection, parked)) this.readOn(connection);
  }

  /** Takes what was put aside of a device that was slowed down. @returns whether to read on. */
  takeHeld(connection: Connection): boolean {
    const { heldBytes } = connection.frames;
    if (heldBytes === 0) return true;
    const forEngine = connection.frames.readHeld();
    return this.#pass(connection, forEngine, heldBytes, this.#options.clock.nowMs());
  }

  #pass(connection: Connection, forEngine: Buffer | null, bytes: number, nowMs: number): boolean {
    if (!this.#isWhole(connection)) return false;
    const goesOn = forEngine === null || connection.engine.push(forEngine);
    const owedMs = connection.rate.read(bytes, nowMs);
    if (owedMs > 0) this.#throttle(connection, owedMs);
    return goesOn;
  }

  #isWhole(connection: Connection): boolean {
    const { cut } = connection.frames;
    if (cut !== undefined) this.#options.lineFaults.cut(connection, cut);
    return cut === undefined;
  }

  /** Its device sent more than it may: what comes next waits for a while. */
  #throttle(connection: Connection, forMs: number): void {
    const device = connection.access?.device;
    if (device === undefined || connection.isThrottled) return;
    const { clock, intake, rates } = this.#options;
    rates.paused(device, forMs);
    connection.throttle(forMs, () => {
      connection.heardMs = clock.nowMs();
      // While the log holds, it is `resume` that goes on.
      if (intake.hold === undefined && this.takeHeld(connection)) this.readOn(connection);
    });
  }
}
