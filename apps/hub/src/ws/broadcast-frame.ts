import type { Socket } from 'node:net';
import { constants, deflateRawSync } from 'node:zlib';
import { WebSocket } from 'ws';

/** Below this size the compressed frame saves less than it costs. */
const DEFLATE_FROM_BYTES = 1024;
/** From this size on speed matters more than the ratio: the loop must not stall. */
const FAST_DEFLATE_FROM_BYTES = 256 * 1024;

/** Whole messages as they go over the wire, encoded once for any number of clients. */
export type WireBytes = {
  readonly plain: Buffer;
  /** The same with permessage-deflate (RFC 7692), made at its first use; `plain` for short messages. */
  deflated(): Buffer;
};

/** One text message. */
export type EncodedFrame = WireBytes & { readonly text: string };

/** The parts of a `ws` socket that a frame is written through; they are no public interface of `ws`. */
type RawWebSocket = WebSocket & {
  readonly _socket: Socket;
  readonly _extensions: {
    readonly 'permessage-deflate'?: { readonly params: { readonly server_max_window_bits?: number } };
  };
};

export function encodeFrame(text: string): EncodedFrame {
  const payload = Buffer.from(text);
  const plain = frame(payload, false);
  let deflated: Buffer | undefined;
  return {
    text,
    plain,
    deflated() {
      deflated ??= payload.length < DEFLATE_FROM_BYTES ? plain : frame(deflateMessage(payload), true);
      return deflated;
    },
  };
}

/** Several messages in one buffer: one write to a socket costs about the same whatever it holds. */
export function joinFrames(frames: readonly WireBytes[]): WireBytes {
  if (frames.length === 1) return frames[0]!;
  const plain = Buffer.concat(frames.map((each) => each.plain));
  let deflated: Buffer | undefined;
  return {
    plain,
    deflated() {
      const parts = deflated === undefined ? frames.map((each) => each.deflated()) : [];
      deflated ??= parts.every((part, index) => part === frames[index]!.plain) ? plain : Buffer.concat(parts);
      return deflated;
    },
  };
}

/**
 * Writes a frame as it is, past `ws`' own sender: all messages of a hub's sockets go out uncompressed by `ws` (`compress: false`),
 * so its sender is never in the middle of one.
 * @returns `skipped` when the socket is not open or has not drained what was written before: nothing queues up
 */
export function writeFrame(socket: WebSocket, encoded: WireBytes): 'written' | 'skipped' {
  return socket.bufferedAmount > 0 ? 'skipped' : queueFrame(socket, encoded);
}

/** The same without a look at what the socket has not drained: whoever calls it bounds that. */
export function queueFrame(socket: WebSocket, encoded: WireBytes): 'written' | 'skipped' {
  if (socket.readyState !== WebSocket.OPEN) return 'skipped';
  const raw = socket as RawWebSocket;
  const bytes = pingsWanted.size > 0 && pingsWanted.delete(socket) ? withPing(encoded) : encoded;
  raw._socket.write(inflatesDefault(raw) ? bytes.deflated() : bytes.plain);
  return 'written';
}

const NOTHING = Buffer.alloc(0);

/** Calls back once the kernel has taken all that was written so far, or the connection is gone. */
export function whenDrained(socket: WebSocket, callBack: () => void): void {
  (socket as RawWebSocket)._socket.write(NOTHING, callBack);
}

/** A ping without payload, RFC 6455 section 5.5.2. */
const PING: WireBytes = { plain: Buffer.from([0x89, 0x00]), deflated: () => PING.plain };

/** Sockets that are to be pinged along with the next frame: a write of its own costs as much as a small frame. */
const pingsWanted = new Set<WebSocket>();
const pinging = new WeakMap<WireBytes, WireBytes>();

function withPing(encoded: WireBytes): WireBytes {
  const joined = pinging.get(encoded) ?? joinFrames([encoded, PING]);
  pinging.set(encoded, joined);
  return joined;
}

/** Pings a socket along with its next frame; asked a second time in vain, by itself. One that has not drained is not given more. */
export function askForPong(socket: WebSocket): void {
  if (!pingsWanted.has(socket)) {
    pingsWanted.add(socket);
    return;
  }
  if (socket.readyState !== WebSocket.OPEN || socket.bufferedAmount > 0) return;
  pingsWanted.delete(socket);
  (socket as RawWebSocket)._socket.write(PING.plain);
}

export const forgetPing = (socket: WebSocket): void => void pingsWanted.delete(socket);

/** Bytes written since the connection was made, those that wait in this process included. */
export const writtenBytesOf = (socket: WebSocket): number => (socket as RawWebSocket)._socket.bytesWritten;

/** Bytes that the kernel has taken since the connection was made. */
export const flushedBytesOf = (socket: WebSocket): number => writtenBytesOf(socket) - socket.bufferedAmount;

/** Whether the client inflates what is deflated with the full window; a smaller one may be negotiated (RFC 7692 section 7.1.2). */
function inflatesDefault({ _extensions }: RawWebSocket): boolean {
  const deflate = _extensions['permessage-deflate'];
  return deflate !== undefined && (deflate.params.server_max_window_bits ?? 15) === 15;
}

/** RFC 7692 section 7.2.1: deflate, flush to a byte boundary, drop the four bytes of the empty block. */
function deflateMessage(payload: Buffer): Buffer {
  const level =
    payload.length < FAST_DEFLATE_FROM_BYTES ? constants.Z_DEFAULT_COMPRESSION : constants.Z_BEST_SPEED;
  return deflateRawSync(payload, { level, finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

/** A whole unmasked text message in one frame, RFC 6455 section 5.2. */
function frame(payload: Buffer, compressed: boolean): Buffer {
  const first = 0x81 | (compressed ? 0x40 : 0); // FIN, text; RSV1 says compressed
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
