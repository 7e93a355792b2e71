/**
 * Unsigned LEB128 and zigzag integers, as in Protocol Buffers
 * (https://protobuf.dev/programming-guides/encoding/#varints), for integers up to 2^53.
 */

const INITIAL_BYTES = 4096;
/** Longest encoding of an integer up to 2^54. */
const MAX_VARINT_BYTES = 8;
const INT_BOUND = 2 ** 28;

export class VarintWriter {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #length = 0;

  /** Starts over, keeping the memory. */
  clear(): void {
    this.#length = 0;
  }

  /** A view of what was written. Valid until the next write. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  writeUnsigned(value: number): void {
    if (this.#length + MAX_VARINT_BYTES > this.#bytes.length) this.#grow();
    const bytes = this.#bytes;
    let at = this.#length;
    let rest = value;
    while (rest >= INT_BOUND) {
      bytes[at++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    while (rest >= 128) {
      bytes[at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.#length = at;
  }

  /** Small numbers of either sign take one byte. */
  writeSigned(value: number): void {
    this.writeUnsigned(value >= 0 ? 2 * value : -2 * value - 1);
  }

  #grow(): void {
    const bytes = new Uint8Array(2 * this.#bytes.length);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }
}

/** @throws RangeError at the end of the bytes */
export class VarintReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  readUnsigned(): number {
    const bytes = this.#bytes;
    let byte = this.#next();
    if (byte < 128) return byte;
    let value = byte & 127;
    let scale = 128;
    do {
      byte = bytes[this.#at++] ?? this.#fail();
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte >= 128);
    return value;
  }

  readSigned(): number {
    const value = this.readUnsigned();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** Passes over integers without decoding them. */
  skip(count: number): void {
    const bytes = this.#bytes;
    let at = this.#at;
    for (let left = count; left > 0; left--) while ((bytes[at++] ?? this.#fail()) >= 128);
    this.#at = at;
  }

  #next(): number {
    return this.#bytes[this.#at++] ?? this.#fail();
  }

  #fail(): never {
    throw new RangeError('the block is shorter than its content');
  }
}
