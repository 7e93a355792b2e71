import { setImmediate as yieldToLoop } from 'node:timers/promises';
import { CLOSE_CODES } from '@booner/protocol';
import { createFailureLog, type Logger, runLoop } from '@booner/service';
import type { RawData, WebSocket } from 'ws';
import { Account, type AccountOptions, type Limit } from './account.ts';
import { ClientSocket } from './client-socket.ts';
import type { Readable } from './readable.ts';

const SWEEP_INTERVAL_MS = 1000;
/**
 * A peer that sent something within this time is not pinged: a pong costs half as much as a frame
 * of the stream.
 */
const PING_AFTER_MS = 20_000;
/** Up to this much is added to the time above, so that pings that fell together part again. */
const PING_SPREAD_MS = 3000;
/**
 * A peer that is silent or behind is checked this often. A ping that has found no frame to go along
 * with by the next check is sent by itself.
 */
const CHECK_EVERY_MS = 4000;
/**
 * A peer silent for this long is gone or stuck. With the sweep and the close its connection ends
 * within 33 s.
 */
const PONG_DEADLINE_MS = 30_000;
/** Pings written before other work of the process gets its turn. */
const PINGS_PER_TURN = 500;
/** A client has no use for more: it subscribes when a view changes. */
const MESSAGES_PER_SECOND = 20;
const MESSAGE_BURST = 100;
const TOO_MANY_MESSAGES = `more than ${MESSAGES_PER_SECOND} messages and pings a second, after a burst of ${MESSAGE_BURST}`;
/**
 * Messages that may still arrive after the limit, until the peer has read the close frame. Beyond
 * them its connection is cut.
 */
const MAX_EXCESS_MESSAGES = 10_000;

/** Reactions of a stream to one of its clients. */
export type ClientHandlers = {
  /** Takes a text message. Without it messages are ignored. */
  receive?(client: ClientSocket, text: string): void;
  /** Answers a message that cannot be understood; `detail` says why. */
  refuse?(client: ClientSocket, detail: string): void;
  /** Called once the socket is closed. */
  remove(client: ClientSocket): void;
};

/** The client that opened a socket. */
export type SocketOwner = AccountOptions & {
  /** Credential that the socket was opened with; `null` where sign-in is not required. */
  readonly credentialId: string | null;
  /** Sockets of one account share its limits. */
  readonly account: string;
  /** Hosts that it may read. Default: all. */
  readonly readable?: Readable;
};

const NOBODY: SocketOwner = { credentialId: null, account: '' };

type Supervised = {
  readonly credentialId: string | null;
  lastReceivedAtMs: number;
  /** Time of silence after which it is pinged. */
  pingAfterMs: number;
  /** Time of the next check: sweeps pass over the peer until then. */
  dueAtMs: number;
  /** Flushed bytes at the last check if the peer had not drained then. */
  behindAtBytes: number | null;
  messageAllowance: number;
  countedAtMs: number;
  excessMessages: number;
};

/**
 * Enforces what every WebSocket has in common whatever its stream: pings with a deadline, a limit
 * of messages, the limits of its account, an orderly close, and an end together with the credential
 * that opened it.
 */
export class SocketSupervisor {
  readonly #clients = new Map<ClientSocket, Supervised>();
  readonly #accounts = new Map<string, Account>();
  readonly #limitsReached = new Map<Limit, number>();
  readonly #log: Logger;
  readonly #isActive: (credentialId: string) => boolean;
  readonly #random: () => number;

  /** @param isActive returns true if a credential is neither revoked nor expired */
  constructor(
    log: Logger,
    isActive: (credentialId: string) => boolean = () => true,
    random: () => number = Math.random,
  ) {
    this.#log = log;
    this.#isActive = isActive;
    this.#random = random;
  }

  get size(): number {
    return this.#clients.size;
  }

  /** Returns how often clients were held to the limits of their accounts, since the start. */
  get limitsReached(): ReadonlyMap<Limit, number> {
    return this.#limitsReached;
  }

  /**
   * Supervises a socket until it is closed. Closes it at once if its credential is not active, or
   * has too many sockets.
   */
  add(socket: WebSocket, handlers: ClientHandlers, owner: SocketOwner = NOBODY): ClientSocket {
    const account = this.#accountOf(owner);
    const isWithinAccount = account.addSocket();
    const client = new ClientSocket(socket, account, owner.readable);
    const nowMs = performance.now();
    // After a restart of the hub, clients connect all at once. Their pongs must not come at once.
    const pingAfterMs = this.#random() * PING_AFTER_MS;
    const state: Supervised = {
      credentialId: owner.credentialId,
      lastReceivedAtMs: nowMs,
      pingAfterMs,
      dueAtMs: nowMs + pingAfterMs,
      behindAtBytes: null,
      messageAllowance: MESSAGE_BURST,
      countedAtMs: nowMs,
      excessMessages: 0,
    };
    this.#clients.set(client, state);
    const isWithinLimit = (): boolean => {
      if (state.excessMessages === 0 && spendMessage(state)) return true;
      if (state.excessMessages++ === 0) socket.close(CLOSE_CODES.rateLimited, TOO_MANY_MESSAGES);
      else if (state.excessMessages > MAX_EXCESS_MESSAGES) socket.terminate();
      return false;
    };
    // Control frames count too: a flood of pings costs as much as one of messages.
    socket.on('ping', (data: Buffer) => {
      if (isWithinLimit()) client.pong(data);
    });
    socket.on('pong', () => {
      if (isWithinLimit()) state.lastReceivedAtMs = performance.now();
    });
    socket.on('message', (data: RawData, isBinary: boolean) => {
      if (!isWithinLimit()) return;
      state.lastReceivedAtMs = performance.now();
      if (isBinary) handlers.refuse?.(client, 'messages are JSON texts: binary is not understood');
      else handlers.receive?.(client, data.toString());
    });
    socket.on('error', (error) => {
      // ws closes with the code that fits.
      this.#log.debug({ err: error }, 'a client violated the WebSocket protocol');
    });
    socket.on('close', () => {
      this.#clients.delete(client);
      client.release();
      handlers.remove(client);
      if (isWithinAccount && account.removeSocket()) this.#accounts.delete(owner.account);
    });
    if (isWithinAccount)
      this.#closeUnlessActive(client, state); // it may have ended during the handshake
    else {
      const reason = `${account.maxSockets} streams are open with your token already: close some, or use another token`;
      void client.close(CLOSE_CODES.tooManyStreams, reason);
    }
    return client;
  }

  #accountOf({ account: key, maxSockets, onLimit }: SocketOwner): Account {
    const known = this.#accounts.get(key);
    if (known !== undefined) return known;
    const note = (limit: Limit) => {
      this.#limitsReached.set(limit, (this.#limitsReached.get(limit) ?? 0) + 1);
      onLimit?.(limit);
    };
    const account = new Account({ ...(maxSockets !== undefined && { maxSockets }), onLimit: note });
    this.#accounts.set(key, account);
    return account;
  }

  /** Closes the sockets whose credential has ended. MUST be called when credentials end. */
  closeEnded(): void {
    for (const [client, state] of [...this.#clients]) this.#closeUnlessActive(client, state);
  }

  /** Pings silent peers and closes those that do not answer, until the signal aborts. */
  run({ signal }: { signal: AbortSignal }): Promise<void> {
    const failures = createFailureLog(this.#log, {
      failing: 'clients could not be pinged',
      recovered: 'clients are pinged again',
    });
    return runLoop(
      { run: () => this.#sweep(), intervalMs: SWEEP_INTERVAL_MS, phaseMs: SWEEP_INTERVAL_MS, failures },
      { signal },
    );
  }

  /** Closes every socket with a code; cuts those that do not close in time. */
  async closeAll(code: number, reason: string): Promise<void> {
    await Promise.all([...this.#clients.keys()].map((client) => client.close(code, reason)));
  }

  #closeUnlessActive(client: ClientSocket, { credentialId }: Supervised): void {
    if (credentialId === null || this.#isActive(credentialId)) return;
    void client.close(
      CLOSE_CODES.policyViolation,
      'your token or session was revoked or has expired: sign in again',
    );
  }

  async #sweep(): Promise<void> {
    const nowMs = performance.now();
    let pings = 0;
    for (const [client, state] of this.#clients) {
      if (nowMs < state.dueAtMs || client.isClosed) continue;
      if (this.#check(client, state, nowMs) && ++pings % PINGS_PER_TURN === 0) await yieldToLoop();
    }
  }

  /** Pings or closes a client if it is silent. @returns true if it is pinged */
  #check(client: ClientSocket, state: Supervised, nowMs: number): boolean {
    noteProgress(client, state, nowMs);
    const silentMs = nowMs - state.lastReceivedAtMs;
    if (silentMs >= PONG_DEADLINE_MS) {
      void client.close(CLOSE_CODES.noPong, 'no pong in time');
      return false;
    }
    const isSilent = silentMs >= state.pingAfterMs;
    if (isSilent) {
      client.ping();
      state.pingAfterMs = PING_AFTER_MS + this.#random() * PING_SPREAD_MS;
    }
    state.dueAtMs =
      isSilent || state.behindAtBytes !== null
        ? Math.min(nowMs + CHECK_EVERY_MS, state.lastReceivedAtMs + PONG_DEADLINE_MS)
        : state.lastReceivedAtMs + state.pingAfterMs;
    return isSilent;
  }
}

/** A peer that reads slower than it is sent to never drains, but takes bytes: it is alive. */
function noteProgress(client: ClientSocket, state: Supervised, nowMs: number): void {
  const { flushedBytes } = client;
  if (state.behindAtBytes !== null && flushedBytes > state.behindAtBytes) state.lastReceivedAtMs = nowMs;
  state.behindAtBytes = client.bufferedBytes > 0 ? flushedBytes : null;
}

/** Takes one message from a token bucket. @returns false when it is empty */
function spendMessage(state: Supervised): boolean {
  const nowMs = performance.now();
  const earned = ((nowMs - state.countedAtMs) / 1000) * MESSAGES_PER_SECOND;
  state.messageAllowance = Math.min(MESSAGE_BURST, state.messageAllowance + earned) - 1;
  state.countedAtMs = nowMs;
  return state.messageAllowance >= 0;
}
