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

/** Why a stream is not read on. */
export type StreamCut =
  | { readonly reason: 'too-long'; readonly announcedBytes: number }
  /** What MQTT 3.1.1 forbids, by its number there. */
  | { readonly reason: 'malformed'; readonly rule: string };

const publishType = 3;
const subscribeType = 8;
const unsubscribeType = 10;
const pingRequest = 0xc0;

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
  #cut: StreamCut | undefined;
  /** Whole frames that are put aside, and their bytes. */
  #held: Buffer[] = [];
  #heldBytes = 0;
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

  /** Set once the stream holds what cannot be read on from. */
  get cut(): StreamCut | undefined {
    return this.#cut;
  }

  /** How much `hold` has put aside. */
  get heldBytes(): number {
    return this.#heldBytes;
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
      if (this.#cut !== undefined) return null;
      const end = at + length;
      if (length === 0 || end > bytes.length) {
        this.#keep(bytes.subarray(at), length);
        break;
      }
      if (this.#isTaken(bytes, at, end)) {
        if (this.#cut !== undefined) return null;
        if (at > engineFrom) forEngine.push(Buffer.from(bytes.subarray(engineFrom, at)));
        engineFrom = end;
      }
      at = end;
    }
    if (at > engineFrom) forEngine.push(Buffer.from(bytes.subarray(engineFrom, at)));
    if (forEngine.length === 0) return null;
    return forEngine.length === 1 ? (forEngine[0] ?? null) : Buffer.concat(forEngine);
  }

  /**
   * Puts whole frames aside instead, in their order, all but PINGREQ: who is slowed down still has
   * to hear that somebody is there.
   *
   * @param chunk as `read`
   * @returns how many PINGREQ there were.
   */
  hold(chunk: Buffer): number {
    const bytes = this.#joined(chunk);
    if (bytes === undefined) return 0;
    let pings = 0;
    let at = 0;
    let from = 0;
    while (at < bytes.length) {
      const length = this.#frameLength(bytes, at);
      if (this.#cut !== undefined) return pings;
      if (length === 0 || at + length > bytes.length) {
        this.#keep(bytes.subarray(at), length);
        break;
      }
      if (bytes[at] === pingRequest) {
        this.#putAside(bytes.subarray(from, at));
        from = at + length;
        pings += 1;
      }
      at += length;
    }
    this.#putAside(bytes.subarray(from, at));
    return pings;
  }

  /** As `read`, of what was put aside; to be called before any more is read. */
  readHeld(): Buffer | null {
    const held = Buffer.concat(this.#held, this.#heldBytes);
    this.#held = [];
    this.#heldBytes = 0;
    // The piece of a frame that came last stands behind it.
    const behind = this.#pieces;
    const behindBytes = this.#pieceBytes;
    this.#pieces = [];
    this.#pieceBytes = 0;
    const forEngine = this.read(held);
    this.#pieces = behind;
    this.#pieceBytes = behindBytes;
    return forEngine;
  }

  #putAside(frames: Buffer): void {
    if (frames.length === 0) return;
    this.#held.push(Buffer.from(frames));
    this.#heldBytes += frames.length;
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

  /** Length with header; 0 when the header is not whole. Sets `cut` for what is too long. */
  #frameLength(bytes: Buffer, from: number): number {
    let at = from + 1;
    let length = 0;
    for (let scale = 1; at < bytes.length; scale *= 0x80) {
      const byte = bytes[at++] ?? 0;
      length += (byte & 0x7f) * scale;
      if (scale > 0x20_0000) this.#cut = { reason: 'malformed', rule: '2.2.3' };
      else if (length > this.#limitBytes)
        this.#cut = { reason: 'too-long', announcedBytes: length };
      if (this.#cut !== undefined) return 0;
      if (byte < 0x80) {
        this.#lengthBytes = at - from - 1;
        return at - from + length;
      }
    }
    return 0;
  }

  /** @returns true also for what is malformed; then `cut` is set. */
  #isTaken(bytes: Buffer, at: number, end: number): boolean {
    const taker = this.#taker;
    if (taker === undefined) return false;
    const head = bytes[at] ?? 0;
    const start = at + 1 + this.#lengthBytes;
    const qos = (head >> 1) & 3;
    if (head >> 4 !== publishType || qos > 1) return this.#isMalformed(bytes, head, start, end);
    const frame = this.#frame;
    frame.qos = qos as 0 | 1;
    frame.topicAt = start + 2;
    frame.topicEnd = start + 2 + u16(bytes, start);
    frame.payloadAt = frame.topicEnd + 2 * qos;
    frame.payloadEnd = end;
    if (frame.payloadAt > end) return this.#refuse('3.3.2');
    frame.packetId = qos === 0 ? 0 : u16(bytes, frame.topicEnd);
    if (qos === 1 && frame.packetId === 0) return this.#refuse('MQTT-2.3.1-1');
    return taker.takePublish(bytes, frame);
  }

  /** Of what goes to the engine, which would answer it: QoS 3, and packet ids of 0. */
  #isMalformed(bytes: Buffer, head: number, start: number, end: number): boolean {
    const type = head >> 4;
    const isPublish = type === publishType;
    if (isPublish && ((head >> 1) & 3) === 3) return this.#refuse('MQTT-3.3.1-4');
    if (!isPublish && type !== subscribeType && type !== unsubscribeType) return false;
    const idAt = isPublish ? start + 2 + u16(bytes, start) : start;
    if (idAt + 2 > end) return this.#refuse(isPublish ? '3.3.2' : '2.3.1');
    return u16(bytes, idAt) === 0 && this.#refuse('MQTT-2.3.1-1');
  }

  #refuse(rule: string): true {
    this.#cut = { reason: 'malformed', rule };
    return true;
  }
}

function u16(bytes: Buffer, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
