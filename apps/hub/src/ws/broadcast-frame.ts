import { constants, deflateRawSync } from 'node:zlib';

/** Below this size the compressed frame saves less than it costs. */
const DEFLATE_FROM_BYTES = 1024;
/**
 * From this size on, speed matters more than the ratio: compression must not stall the event loop.
 */
const FAST_DEFLATE_FROM_BYTES = 256 * 1024;

/** Whole messages in wire format, encoded once for any number of clients. */
export type WireBytes = {
  readonly plain: Buffer;
  /** Compressed by permessage-deflate (RFC 7692) on first use; `plain` for short messages. */
  deflated(): Buffer;
  /**
   * These messages followed by a ping: sending it separately would cost as much as a small frame.
   */
  withPing(): WireBytes;
};

/** One text message. */
export type EncodedFrame = WireBytes & { readonly text: string };

export function encodeFrame(text: string): EncodedFrame {
  const payload = Buffer.from(text);
  const plain = frame(payload, false);
  const deflate = () => (payload.length < DEFLATE_FROM_BYTES ? plain : frame(deflateMessage(payload), true));
  return { text, ...wireBytes(plain, deflate) };
}

/** Puts several messages into one buffer: a write costs about the same whatever its size. */
export function joinFrames(frames: readonly WireBytes[]): WireBytes {
  if (frames.length === 1) return frames[0]!;
  const plain = Buffer.concat(frames.map((each) => each.plain));
  const deflate = () => {
    const parts = frames.map((each) => each.deflated());
    return parts.every((part, index) => part === frames[index]!.plain) ? plain : Buffer.concat(parts);
  };
  return wireBytes(plain, deflate);
}

function wireBytes(plain: Buffer, deflate: () => Buffer): WireBytes {
  let deflated: Buffer | undefined;
  let pinging: WireBytes | undefined;
  const bytes: WireBytes = {
    plain,
    deflated() {
      deflated ??= deflate();
      return deflated;
    },
    withPing() {
      pinging ??= joinFrames([bytes, PING]);
      return pinging;
    },
  };
  return bytes;
}

/** A ping without payload, RFC 6455 section 5.5.2. */
export const PING: WireBytes = wireBytes(Buffer.from([0x89, 0x00]), () => PING.plain);

/**
 * Deflates a message, flushes to a byte boundary and drops the four bytes of the empty block
 * (RFC 7692 section 7.2.1).
 */
function deflateMessage(payload: Buffer): Buffer {
  const level =
    payload.length < FAST_DEFLATE_FROM_BYTES ? constants.Z_DEFAULT_COMPRESSION : constants.Z_BEST_SPEED;
  return deflateRawSync(payload, { level, finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

/** Encodes a whole unmasked text message as one frame, RFC 6455 section 5.2. */
function frame(payload: Buffer, compressed: boolean): Buffer {
  const first = 0x81 | (compressed ? 0x40 : 0); // FIN, text; RSV1 marks compression
  const { length } = payload;
  let header: Buffer;
  if (length < 126) header = Buffer.from([first, length]);
  else if (length < 65_536) header = Buffer.from([first, 126, length >> 8, length & 0xff]);
  else {
    header = Buffer.alloc(10);
    header[0] = first;
    header[1] = 127;
    header.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([header, payload]);
}
