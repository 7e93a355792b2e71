/** Bytes of a payload kept by default. A control frame has at most 125 (RFC 6455, section 5.5). */
const HEAD_BYTES = 128;
const LONGEST_HEADER_BYTES = 10;

export type Frame = {
  readonly opcode: number;
  readonly payloadBytes: number;
  /** The first bytes of the payload, at most as many as are kept; valid during the call alone. */
  readonly head: Buffer;
};

/**
 * Finds the frames in the bytes of a WebSocket server (RFC 6455 section 5.2). It copies only the
 * beginning of a payload: a client of the bench must cost little beside the server.
 *
 * Takes unfragmented, uncompressed, unmasked frames, which is what a server sends that negotiated
 * no extension.
 */
export class FrameParser {
  readonly #onFrame: (frame: Frame) => void;
  readonly #header = Buffer.alloc(LONGEST_HEADER_BYTES);
  readonly #head: Buffer;
  #headerFilled = 0;
  #payloadBytes = 0;
  /** Bytes of the payload that have been seen; -1 while the header is not complete. */
  #payloadSeen = -1;

  /** @param headBytes how much of a payload is kept, if that is more than usual */
  constructor(onFrame: (frame: Frame) => void, headBytes = HEAD_BYTES) {
    this.#onFrame = onFrame;
    this.#head = Buffer.alloc(Math.max(headBytes, HEAD_BYTES));
  }

  /** Takes the next bytes of the stream. @throws if they are not a frame of the supported kind */
  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      at = this.#payloadSeen < 0 ? this.#readHeader(bytes, at) : this.#readPayload(bytes, at);
    }
  }

  #readHeader(bytes: Buffer, from: number): number {
    let at = from;
    while (at < bytes.length) {
      this.#header[this.#headerFilled++] = bytes[at++]!;
      if (this.#headerFilled < this.#headerBytes()) continue;
      this.#payloadBytes = this.#readLength();
      this.#payloadSeen = 0;
      if (this.#payloadBytes === 0) this.#finish();
      return at;
    }
    return at;
  }

  #readPayload(bytes: Buffer, at: number): number {
    const taken = Math.min(bytes.length - at, this.#payloadBytes - this.#payloadSeen);
    if (this.#payloadSeen < this.#head.length) bytes.copy(this.#head, this.#payloadSeen, at, at + taken);
    this.#payloadSeen += taken;
    if (this.#payloadSeen === this.#payloadBytes) this.#finish();
    return at + taken;
  }

  #finish(): void {
    const frame = {
      opcode: this.#header[0]! & 0x0f,
      payloadBytes: this.#payloadBytes,
      head: this.#head.subarray(0, Math.min(this.#payloadBytes, this.#head.length)),
    };
    this.#headerFilled = 0;
    this.#payloadSeen = -1;
    this.#onFrame(frame);
  }

  #headerBytes(): number {
    if (this.#headerFilled < 2) return 2;
    const length = this.#header[1]! & 0x7f;
    return length === 126 ? 4 : length === 127 ? 10 : 2;
  }

  #readLength(): number {
    const [flags, length] = [this.#header[0]!, this.#header[1]!];
    if ((flags & 0xf0) !== 0x80) throw new Error('a frame that is fragmented or uses an extension');
    if (length & 0x80) throw new Error('a masked frame from a server');
    if (length === 126) return this.#header.readUInt16BE(2);
    return length === 127 ? Number(this.#header.readBigUInt64BE(2)) : length;
  }
}
