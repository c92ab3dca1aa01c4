/** Takes PUBLISH frames of QoS 0 and 1 whole. Offsets count into `bytes`. */
export interface PublishTaker {
  /** @returns false to leave the frame to the protocol engine. */
  takePublish(bytes: Buffer, frame: PublishFrame): boolean;
}

/** Where the parts of a PUBLISH lie (MQTT 3.1.1, 3.3). One object serves all frames. */
export interface PublishFrame {
  qos: 0 | 1;
  topicAt: number;
  topicEnd: number;
  /** 0 for QoS 0. */
  packetId: number;
  payloadAt: number;
  payloadEnd: number;
}

const publishType = 3;

/**
 * Cuts a device's stream into MQTT frames (MQTT 3.1.1, 2.2: a type byte, then the remaining length,
 * 7 bits a byte, in at most four bytes). What a device sends nearly always is PUBLISH with QoS 1:
 * that goes straight to the taker, the rest to the protocol engine, which sees whole frames only.
 */
export class FrameReader {
  #limitBytes: number;
  #taker: PublishTaker | undefined;
  /** Pieces of a frame that is not whole yet. */
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  #neededBytes = 0;
  #cutBytes: number | undefined;
  #lengthBytes = 0;
  readonly #frame: PublishFrame = {
    qos: 0,
    topicAt: 0,
    topicEnd: 0,
    packetId: 0,
    payloadAt: 0,
    payloadEnd: 0,
  };

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** From now on frames may be larger, and PUBLISH goes to the taker. */
  open(limitBytes: number, taker: PublishTaker): void {
    this.#limitBytes = limitBytes;
    this.#taker = taker;
  }

  /** What the frame announced for which the stream was cut. */
  get cutBytes(): number | undefined {
    return this.#cutBytes;
  }

  /**
   * @param chunk may be reused afterwards: what is kept or returned is a copy.
   * @returns whole frames for the engine, or null. After a cut there are none any more.
   */
  read(chunk: Buffer): Buffer | null {
    const bytes = this.#joined(chunk);
    if (bytes === undefined) return null;
    let at = 0;
    let engineFrom = 0;
    const forEngine: Buffer[] = [];
    while (at < bytes.length) {
      const length = this.#frameLength(bytes, at);
      if (this.#cutBytes !== undefined) return null;
      const end = at + length;
      if (length === 0 || end > bytes.length) {
        this.#keep(bytes.subarray(at), length);
        break;
      }
      if (this.#isTaken(bytes, at, end)) {
        if (at > engineFrom) forEngine.push(Buffer.from(bytes.subarray(engineFrom, at)));
        engineFrom = end;
      }
      at = end;
    }
    if (at > engineFrom) forEngine.push(Buffer.from(bytes.subarray(engineFrom, at)));
    if (forEngine.length === 0) return null;
    return forEngine.length === 1 ? (forEngine[0] ?? null) : Buffer.concat(forEngine);
  }

  #joined(chunk: Buffer): Buffer | undefined {
    if (this.#pieceBytes === 0) return chunk;
    this.#pieces.push(Buffer.from(chunk));
    this.#pieceBytes += chunk.length;
    if (this.#pieceBytes < this.#neededBytes) return undefined;
    const bytes = Buffer.concat(this.#pieces, this.#pieceBytes);
    this.#pieces = [];
    this.#pieceBytes = 0;
    return bytes;
  }

  /** @param length of the whole frame; 0 while even its header is not whole. */
  #keep(piece: Buffer, length: number): void {
    this.#pieces = [Buffer.from(piece)];
    this.#pieceBytes = piece.length;
    this.#neededBytes = length === 0 ? piece.length + 1 : length;
  }

  /** Length with header; 0 when the header is not whole. Sets `cutBytes` for what is too long. */
  #frameLength(bytes: Buffer, from: number): number {
    let at = from + 1;
    let length = 0;
    for (let scale = 1; at < bytes.length; scale *= 0x80) {
      const byte = bytes[at++] ?? 0;
      length += (byte & 0x7f) * scale;
      if (length > this.#limitBytes || scale > 0x20_0000) {
        this.#cutBytes = length;
        return 0;
      }
      if (byte < 0x80) {
        this.#lengthBytes = at - from - 1;
        return at - from + length;
      }
    }
    return 0;
  }

  #isTaken(bytes: Buffer, at: number, end: number): boolean {
    const type = bytes[at] ?? 0;
    const qos = (type >> 1) & 3;
    if (type >> 4 !== publishType || qos > 1 || this.#taker === undefined) return false;
    const frame = this.#frame;
    const start = at + 1 + this.#lengthBytes;
    frame.qos = qos as 0 | 1;
    frame.topicAt = start + 2;
    frame.topicEnd = start + 2 + u16(bytes, start);
    frame.payloadAt = frame.topicEnd + 2 * qos;
    frame.payloadEnd = end;
    if (frame.payloadAt > end) return false;
    frame.packetId = qos === 0 ? 0 : u16(bytes, frame.topicEnd);
    if (qos === 1 && frame.packetId === 0) return false;
    return this.#taker.takePublish(bytes, frame);
  }
}

function u16(bytes: Buffer, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
