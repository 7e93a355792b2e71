import type { ConnectionReason, ConnectionState } from './connection-state.ts';

type SocketPhase =
  | { readonly type: 'stopped' }
  /** `null`: the hub asked not to reconnect; something has to change first. */
  | { readonly type: 'waiting'; readonly retryAtMs: number | null }
  /** Until the first message. A proxy may accept a WebSocket and then forward nothing. */
  | { readonly type: 'opening'; readonly sinceMs: number }
  | {
      readonly type: 'open';
      readonly sinceMs: number;
      readonly receivedAtMs: number;
      /** When a pending answer was requested. */
      readonly probedAtMs: number | null;
    };

type PollPhase =
  | { readonly type: 'off' }
  | { readonly type: 'waiting'; readonly dueAtMs: number; readonly failures: number }
  | { readonly type: 'asking'; readonly failures: number };

/**
 * State of one stream's connection: what is shown, and what the WebSocket and polling are doing.
 */
export type Machine = {
  readonly state: ConnectionState;
  readonly socket: SocketPhase;
  readonly poll: PollPhase;
  /** Consecutive failed openings and early losses. */
  readonly failures: number;
  /** When polling begins unless the WebSocket is live by then. */
  readonly fallbackAtMs: number | null;
  /** Reason why there is no live WebSocket. */
  readonly socketReason: ConnectionReason;
};

export type Loss =
  /**
   * `mayReconnect: false`: the hub's close code asks not to reconnect. `isRateLimited`: reconnect
   * later.
   */
  | {
      readonly cause: 'closed';
      readonly detail: string;
      readonly mayReconnect: boolean;
      readonly isRateLimited: boolean;
    }
  | { readonly cause: 'silent' }
  /** The runtime has no WebSocket. */
  | { readonly cause: 'no_websocket' };

export type Input =
  | { readonly type: 'start' }
  | { readonly type: 'stop' }
  /**
   * A message arrived on the WebSocket. `waitingFor`: why the hub has no data for this client yet;
   * `null` if it has.
   */
  | { readonly type: 'received'; readonly waitingFor: string | null }
  | { readonly type: 'lost'; readonly loss: Loss }
  | { readonly type: 'polled' }
  | { readonly type: 'poll_failed'; readonly reason: ConnectionReason; readonly retryAfterMs: number | null }
  /**
   * The page was shown, the network changed, or the user asked. Pending retries run now, and
   * connections that seem fine are probed.
   */
  | { readonly type: 'nudge' }
  /** The machine slept: open connections can no longer be trusted. */
  | { readonly type: 'woke' }
  /** A deadline may have passed. */
  | { readonly type: 'tick' };

/** Commands to run, in this order. A closed socket and an aborted poll send no further inputs. */
export type Command = 'close' | 'abort_poll' | 'open' | 'probe' | 'poll';

export type MachineContext = {
  readonly nowMs: number;
  readonly random: () => number;
  /** Interval of the stream and of polling. */
  readonly intervalMs: number;
  /** True if the stream sends a message each interval. A silent stream is probed otherwise. */
  readonly isRegular: boolean;
};

export type Step = { readonly machine: Machine; readonly commands: readonly Command[] };

export const IDLE: ConnectionReason = { code: 'idle', detail: 'nothing needs this data now' };

export const STOPPED: Machine = {
  state: { type: 'connecting', reason: IDLE, sinceMs: 0, dataAtMs: null },
  socket: { type: 'stopped' },
  poll: { type: 'off' },
  failures: 0,
  fallbackAtMs: null,
  socketReason: IDLE,
};
