import { setImmediate as yieldToLoop } from 'node:timers/promises';
import { CLOSE_CODES } from '@booner/protocol';
import type { Logger } from '@booner/service';
import { runInterval } from '@booner/service';
import type { RawData, WebSocket } from 'ws';
import { askForPong, flushedBytesOf, forgetPing } from './broadcast-frame.ts';
import { closeOrCut } from './close-or-cut.ts';

const SWEEP_INTERVAL_MS = 4000;
/** A peer that was heard within this time is not asked: a pong costs as much as a frame of the stream. */
const PING_AFTER_MS = 20_000;
/** A peer that was not heard for this long is gone or stuck. With the sweep and the close its connection ends within 36 s. */
const PONG_DEADLINE_MS = 30_000;
/** Pings written before other work of the process gets its turn. */
const PINGS_A_TURN = 500;
/** A client has no use for more: it subscribes when a view changes. */
const MESSAGES_A_SECOND = 20;
const MESSAGE_BURST = 100;

export type SocketHandlers = {
  readonly onText: (text: string) => void;
  readonly onBinary: () => void;
  readonly onClose: () => void;
};

type Supervised = {
  /** Of who opened it; `null` where nobody must sign in. */
  readonly credentialId: string | null;
  heardAtMs: number;
  behindAtBytes: number | null;
  messageAllowance: number;
  countedAtMs: number;
};

/**
 * What holds for every WebSocket whatever its stream: pings with a deadline, a limit of messages, an orderly close, and that it ends
 * with the credential that it was opened by.
 */
export class SocketSupervisor {
  readonly #sockets = new Map<WebSocket, Supervised>();
  readonly #log: Logger;
  readonly #isGood: (credentialId: string) => boolean;

  /** @param isGood whether a credential is neither revoked nor expired */
  constructor(log: Logger, isGood: (credentialId: string) => boolean = () => true) {
    this.#log = log;
    this.#isGood = isGood;
  }

  get size(): number {
    return this.#sockets.size;
  }

  add(
    socket: WebSocket,
    { onText, onBinary, onClose }: SocketHandlers,
    credentialId: string | null = null,
  ): void {
    const nowMs = performance.now();
    const state: Supervised = {
      credentialId,
      heardAtMs: nowMs,
      behindAtBytes: null,
      messageAllowance: MESSAGE_BURST,
      countedAtMs: nowMs,
    };
    this.#sockets.set(socket, state);
    const isWithinLimit = (): boolean => {
      if (spendMessage(state)) return true;
      socket.close(CLOSE_CODES.rateLimited, `more than ${MESSAGES_A_SECOND} messages a second`);
      return false;
    };
    // Control frames count too: a flood of pings costs as much as one of messages. ws itself cuts off who does not read the pongs.
    socket.on('ping', isWithinLimit);
    socket.on('pong', () => {
      if (isWithinLimit()) state.heardAtMs = performance.now();
    });
    socket.on('message', (data: RawData, isBinary: boolean) => {
      if (!isWithinLimit()) return;
      state.heardAtMs = performance.now();
      if (isBinary) onBinary();
      else onText(data.toString());
    });
    socket.on('error', (error) => {
      this.#log.debug({ err: error }, 'a client broke the WebSocket protocol'); // ws closes with the code that fits
    });
    socket.on('close', () => {
      this.#sockets.delete(socket);
      forgetPing(socket);
      onClose();
    });
    this.#closeUnlessGood(socket, state); // it may have ended during the handshake
  }

  /** Closes the sockets whose credential has ended; to be called when some have. */
  closeEnded(): void {
    for (const [socket, state] of [...this.#sockets]) this.#closeUnlessGood(socket, state);
  }

  /** Pings who has been silent and closes who did not answer, until the signal aborts. */
  run({ signal }: { signal: AbortSignal }): Promise<void> {
    const onError = (error: unknown) => this.#log.error({ err: error }, 'a round of pings failed');
    return runInterval(
      () => this.#sweep(),
      { intervalMs: SWEEP_INTERVAL_MS, phaseMs: SWEEP_INTERVAL_MS, onError },
      { signal },
    );
  }

  /** Closes every socket with a code; cuts those that do not close in time. */
  async closeAll(code: number, reason: string): Promise<void> {
    const closed = [...this.#sockets.keys()].map((socket) => closeOrCut(socket, code, reason));
    await Promise.all(closed);
  }

  #closeUnlessGood(socket: WebSocket, { credentialId }: Supervised): void {
    if (credentialId === null || this.#isGood(credentialId)) return;
    void closeOrCut(
      socket,
      CLOSE_CODES.policyViolation,
      'your token or session was revoked or has expired: sign in again',
    );
  }

  async #sweep(): Promise<void> {
    const nowMs = performance.now();
    let pings = 0;
    for (const [socket, state] of this.#sockets) {
      if (socket.readyState === socket.CLOSED) continue;
      noteProgress(socket, state, nowMs);
      const silentMs = nowMs - state.heardAtMs;
      if (silentMs > PONG_DEADLINE_MS) void closeOrCut(socket, CLOSE_CODES.noPong, 'no pong in time');
      else if (silentMs > PING_AFTER_MS) {
        askForPong(socket);
        if (++pings % PINGS_A_TURN === 0) await yieldToLoop();
      }
    }
  }
}

/** A peer that reads slower than it is sent never drains, but takes bytes: it is alive. */
function noteProgress(socket: WebSocket, state: Supervised, nowMs: number): void {
  const flushedBytes = flushedBytesOf(socket);
  if (state.behindAtBytes !== null && flushedBytes > state.behindAtBytes) state.heardAtMs = nowMs;
  state.behindAtBytes = socket.bufferedAmount > 0 ? flushedBytes : null;
}

/** A token bucket. */
function spendMessage(state: Supervised): boolean {
  const nowMs = performance.now();
  const earned = ((nowMs - state.countedAtMs) / 1000) * MESSAGES_A_SECOND;
  state.messageAllowance = Math.min(MESSAGE_BURST, state.messageAllowance + earned) - 1;
  state.countedAtMs = nowMs;
  return state.messageAllowance >= 0;
}
