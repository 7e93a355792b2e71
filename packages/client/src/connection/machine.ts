import type { ConnectionReason, ConnectionState } from './connection-state.ts';

type SocketPhase =
  | { readonly type: 'stopped' }
  /** `null`: the hub said not to come back; something has to change first. */
  | { readonly type: 'waiting'; readonly retryAtMs: number | null }
  /** Until the first message: a proxy may accept a WebSocket and then forward nothing. */
  | { readonly type: 'opening'; readonly sinceMs: number }
  | {
      readonly type: 'open';
      readonly sinceMs: number;
      readonly heardAtMs: number;
      /** When an answer was asked for that has not come yet. */
      readonly probedAtMs: number | null;
    };

type PollPhase =
  | { readonly type: 'off' }
  | { readonly type: 'waiting'; readonly dueAtMs: number; readonly failures: number }
  | { readonly type: 'asking'; readonly failures: number };

/** One stream's connection: what is shown of it, and what it is about. */
export type Machine = {
  readonly state: ConnectionState;
  readonly socket: SocketPhase;
  readonly poll: PollPhase;
  /** Openings in vain and early deaths in a row. */
  readonly failures: number;
  /** When polling begins unless the WebSocket is live by then. */
  readonly fallbackAtMs: number | null;
  /** Why there is no live WebSocket. */
  readonly socketReason: ConnectionReason;
};

export type Loss =
  /** `mayReconnect: false`: the hub's code says to stay away; `isRateLimited`: to come back later. */
  | {
      readonly cause: 'closed';
      readonly detail: string;
      readonly mayReconnect: boolean;
      readonly isRateLimited: boolean;
    }
  | { readonly cause: 'silent' };

export type Input =
  | { readonly type: 'start' }
  | { readonly type: 'stop' }
  /** A message arrived on the WebSocket. `waitingFor`: why the hub has no picture for this client yet; `null` when it has one. */
  | { readonly type: 'received'; readonly waitingFor: string | null }
  | { readonly type: 'lost'; readonly loss: Loss }
  | { readonly type: 'polled' }
  | { readonly type: 'poll_failed'; readonly reason: ConnectionReason; readonly retryAfterMs: number | null }
  /** The page was shown, the network came or went, or somebody asks: what waits is tried now, what seems well is probed. */
  | { readonly type: 'nudge' }
  /** The machine slept: nothing that was open can be relied on. */
  | { readonly type: 'woke' }
  /** A deadline may have passed. */
  | { readonly type: 'tick' };

/** What is to be done, in this order. A socket that is closed, and a poll that is aborted, report nothing more. */
export type Command = 'close' | 'abort_poll' | 'open' | 'probe' | 'poll';

export type MachineContext = {
  readonly nowMs: number;
  readonly random: () => number;
  /** Interval of the stream, and of polling. */
  readonly intervalMs: number;
  /** Whether the stream brings a message each interval; else a silent one is probed. */
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
