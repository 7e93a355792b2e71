import { promisify } from 'node:util';
import { constants, deflateRaw, deflateRawSync, type ZlibOptions } from 'node:zlib';
import { Turns } from './turns.ts';

/** Below this size the compressed frame saves less than it costs. */
const DEFLATE_FROM_BYTES = 1024;
/**
 * From this size on, speed matters more than the ratio, and a message is compressed by another
 * thread: it would stall the event loop.
 */
const LONG_FROM_BYTES = 256 * 1024;
/** Output of the other thread arrives in pieces of this size. */
const DEFLATE_CHUNK_BYTES = 256 * 1024;

/** Whole messages in wire format, encoded once for any number of clients. */
export type WireBytes = {
  readonly plain: Buffer;
  /** Compressed by permessage-deflate (RFC 7692) on first use; `plain` for short messages. */
  deflated(): Buffer;
  /** Compresses a long message on another thread, so that {@link deflated} returns at once. */
  deflateAhead(): Promise<void>;
  /**
   * These messages followed by a ping: sending it separately would cost as much as a small frame.
   * `null` for long messages, whose copy would cost more.
   */
  withPing(): WireBytes | null;
};

/** One text message. */
export type EncodedFrame = WireBytes & {
  /** The text in UTF-8. */
  readonly payload: Buffer;
};

export function encodeFrame(text: string): EncodedFrame {
  const { frame, offset } = newFrame(Buffer.byteLength(text));
  frame.write(text, offset);
  return textFrame(frame, offset);
}

/** The texts of a message that holds a list. */
export type ListTexts = {
  readonly before: string;
  readonly items: readonly string[];
  readonly after: string;
};

/** Encodes `before`, the items with commas between them, and `after`. Long messages take turns. */
export async function encodeList(
  { before, items, after }: ListTexts,
  turns: Turns = new Turns(),
): Promise<EncodedFrame> {
  let size = Buffer.byteLength(before) + Buffer.byteLength(after) + Math.max(0, items.length - 1);
  for (const item of items) {
    if (turns.isOver) await turns.next();
    size += Buffer.byteLength(item);
  }
  const { frame, offset } = newFrame(size);
  let at = offset + frame.write(before, offset);
  for (const [index, item] of items.entries()) {
    if (turns.isOver) await turns.next();
    if (index > 0) at = frame.writeUInt8(COMMA, at);
    at += frame.write(item, at);
  }
  frame.write(after, at);
  return textFrame(frame, offset);
}

const COMMA = ','.charCodeAt(0);

/** Puts several messages into one buffer: a write costs about the same whatever its size. */
export function joinFrames(frames: readonly WireBytes[]): WireBytes {
  if (frames.length === 1) return frames[0]!;
  const plain = Buffer.concat(frames.map((each) => each.plain));
  const deflate = () => {
    const parts = frames.map((each) => each.deflated());
    return parts.every((part, index) => part === frames[index]!.plain) ? plain : Buffer.concat(parts);
  };
  return wireBytes(plain, deflate, async () => {
    for (const each of frames) await each.deflateAhead();
    return deflate();
  });
}

function textFrame(frame: Buffer, offset: number): EncodedFrame {
  const payload = frame.subarray(offset);
  if (payload.length < DEFLATE_FROM_BYTES) return { payload, ...wireBytes(frame, () => frame) };
  const bytes = wireBytes(
    frame,
    () => compressedFrame(deflateRawSync(payload, deflateOptions(payload))),
    async () => compressedFrame(await deflateOnThread(payload, deflateOptions(payload))),
  );
  return { payload, ...bytes };
}

const deflateOnThread: (payload: Buffer, options: ZlibOptions) => Promise<Buffer> = promisify(deflateRaw);

function wireBytes(
  plain: Buffer,
  deflate: () => Buffer,
  deflateElsewhere: () => Promise<Buffer> = async () => deflate(),
): WireBytes {
  let deflated: Buffer | undefined;
  let pinging: WireBytes | undefined;
  const isLong = plain.length >= LONG_FROM_BYTES;
  const bytes: WireBytes = {
    plain,
    deflated() {
      deflated ??= deflate();
      return deflated;
    },
    async deflateAhead() {
      if (isLong) deflated ??= await deflateElsewhere();
    },
    withPing() {
      if (isLong) return null;
      pinging ??= joinFrames([bytes, PING]);
      return pinging;
    },
  };
  return bytes;
}

/** A ping without payload, RFC 6455 section 5.5.2. */
export const PING: WireBytes = wireBytes(Buffer.from([0x89, 0x00]), () => PING.plain);

/** Flushes to a byte boundary, as RFC 7692 section 7.2.1 wants. */
const deflateOptions = ({ length }: Buffer) => ({
  level: length < LONG_FROM_BYTES ? constants.Z_DEFAULT_COMPRESSION : constants.Z_BEST_SPEED,
  finishFlush: constants.Z_SYNC_FLUSH,
  ...(length >= LONG_FROM_BYTES && { chunkSize: DEFLATE_CHUNK_BYTES }),
});

/** Frames a compressed message without the four bytes of the empty block that ends it. */
function compressedFrame(deflated: Buffer): Buffer {
  const message = deflated.subarray(0, -4);
  const { frame, offset } = newFrame(message.length, true);
  message.copy(frame, offset);
  return frame;
}

/** Starts the frame of a whole unmasked text message, RFC 6455 section 5.2. */
function newFrame(length: number, isCompressed = false): { readonly frame: Buffer; readonly offset: number } {
  const offset = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(offset + length);
  frame[0] = 0x81 | (isCompressed ? 0x40 : 0); // FIN, text; RSV1 marks compression
  frame[1] = offset === 2 ? length : offset === 4 ? 126 : 127;
  if (offset === 4) frame.writeUInt16BE(length, 2);
  else if (offset === 10) frame.writeBigUInt64BE(BigInt(length), 2);
  return { frame, offset };
}
