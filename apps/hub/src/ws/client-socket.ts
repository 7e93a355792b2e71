import type { Socket } from 'node:net';
import { CLOSE_CODES } from '@booner/protocol';
import { WebSocket } from 'ws';
import { Account } from './account.ts';
import { PING, type WireBytes } from './broadcast-frame.ts';
import { EVERYTHING, type Readable } from './readable.ts';

/** A client further behind than this is closed; it reconnects and resumes. */
const MAX_BEHIND_BYTES = 2 ** 20;
/** A client that leaves more than this unread gets no pongs. Room for those of a burst of pings. */
const MAX_UNREAD_FOR_PONG_BYTES = 16 * 1024;
/** Time a peer gets for the closing handshake before its connection is cut. */
const CLOSE_DEADLINE_MS = 2000;

/** The parts of a `ws` socket that frames are written through; `ws` does not document them. */
type RawWebSocket = WebSocket & {
  readonly _socket: Socket;
  readonly _extensions: {
    readonly 'permessage-deflate'?: { readonly params: { readonly server_max_window_bits?: number } };
  };
};

const NOTHING = Buffer.alloc(0);

/**
 * The hub's end of one client's WebSocket. It writes encoded frames beneath the sender of `ws`,
 * which is never in the middle of a message because the hub sends nothing with `compress: true`.
 * Memory per client is bounded: {@link write} skips a client that has not drained, {@link push}
 * closes one that is too far behind. Its account bounds the memory of all its clients.
 */
export class ClientSocket {
  readonly account: Account;
  /** Hosts that it may read. */
  readonly readable: Readable;
  /** True if messages reach it compressed. */
  readonly inflates: boolean;
  readonly #socket: RawWebSocket;
  /**
   * Byte of the connection where the last {@link write} ends: up to there the client is not behind.
   */
  #writtenUntilByte = 0;
  #wantsPing = false;
  /** True if the account counts messages that this client may not have read. */
  #isHeld = false;
  #closing: Promise<void> | null = null;

  constructor(socket: WebSocket, account: Account = new Account(), readable: Readable = EVERYTHING) {
    this.#socket = socket as RawWebSocket;
    this.account = account;
    this.readable = readable;
    this.inflates = inflatesFullWindow(this.#socket);
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  get isClosed(): boolean {
    return this.#socket.readyState === WebSocket.CLOSED;
  }

  /** True when the kernel has taken everything written so far and more can be written. */
  get hasDrained(): boolean {
    return this.isOpen && this.#socket.bufferedAmount === 0;
  }

  /** Bytes that wait in this process for the kernel to take them. */
  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** Bytes that the kernel has taken since the connection was made. */
  get flushedBytes(): number {
    return this.#socket._socket.bytesWritten - this.#socket.bufferedAmount;
  }

  /** Has the account forget what this client had not read: it has drained, or is closed. */
  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.account.release(this);
  }

  /** Calls back once the client has drained, at once if it has; never if the connection is lost. */
  whenDrained(callBack: () => void): void {
    if (this.hasDrained) callBack();
    else if (this.isOpen)
      this.#socket._socket.write(NOTHING, () => this.isOpen && this.whenDrained(callBack));
  }

  /**
   * Writes messages of any size.
   * @returns `skipped` when the socket is not open, has not drained, or its account has too much
   * unread: nothing queues up
   */
  write(bytes: WireBytes): 'written' | 'skipped' {
    if (!this.hasDrained || this.account.isFull) return 'skipped';
    this.#send(bytes);
    if (this.#socket.bufferedAmount > 0) this.#writtenUntilByte = this.#socket._socket.bytesWritten;
    return 'written';
  }

  /** Writes messages even if the client has not drained. Closes a client that is too far behind. */
  push(bytes: WireBytes): 'written' | 'closed as too slow' | 'gone' {
    if (!this.isOpen) return 'gone';
    const { bufferedAmount, _socket } = this.#socket;
    const behindBytes = Math.min(bufferedAmount, _socket.bytesWritten - this.#writtenUntilByte);
    if (behindBytes > MAX_BEHIND_BYTES || (behindBytes > 0 && this.account.isFull)) {
      void this.close(
        CLOSE_CODES.tooSlow,
        `more than ${MAX_BEHIND_BYTES} bytes behind: reconnect and resume`,
      );
      return 'closed as too slow';
    }
    this.#send(bytes);
    return 'written';
  }

  /**
   * Pings along with the next messages, or at once if called a second time before there were any.
   * A client that has not drained gets no ping of its own.
   */
  ping(): void {
    if (!this.#wantsPing) this.#wantsPing = true;
    else if (this.hasDrained) {
      this.#wantsPing = false;
      this.#socket._socket.write(PING.plain);
    }
  }

  /** Answers a ping of the client. One that does not read gets no answer: nothing queues up. */
  pong(data: Buffer): void {
    if (this.isOpen && this.bufferedBytes <= MAX_UNREAD_FOR_PONG_BYTES) this.#socket.pong(data);
  }

  /**
   * Closes with a code and cuts a peer that does not answer in time. Resolves once it is closed.
   */
  close(code: number, reason: string): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      if (this.isClosed) return resolve();
      const timer = setTimeout(() => this.#socket.terminate(), CLOSE_DEADLINE_MS);
      this.#socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      this.#socket.close(code, reason);
    });
    return this.#closing;
  }

  #send(messages: WireBytes): void {
    if (this.#isHeld && this.hasDrained) this.release();
    const withPing = this.#wantsPing ? messages.withPing() : null;
    const bytes = withPing ?? messages;
    const message = this.inflates ? bytes.deflated() : bytes.plain;
    this.#socket._socket.write(message);
    if (this.#wantsPing && withPing === null) this.#socket._socket.write(PING.plain);
    this.#wantsPing = false;
    if (this.#socket.bufferedAmount === 0) return;
    this.#isHeld = true;
    this.account.hold(this, message);
  }
}

/**
 * Returns true if the client accepts the full window. It may negotiate less (RFC 7692 section
 * 7.1.2).
 */
function inflatesFullWindow({ _extensions }: RawWebSocket): boolean {
  const deflate = _extensions['permessage-deflate'];
  return deflate !== undefined && (deflate.params.server_max_window_bits ?? 15) === 15;
}
