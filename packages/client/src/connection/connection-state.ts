export type ReasonCode =
  /** Nothing needs this data now. */
  | 'idle'
  | 'starting'
  | 'connected'
  /**
   * The WebSocket is open, but the hub is behind: it would show less than the client already has.
   */
  | 'waiting'
  /** This runtime has no WebSocket. */
  | 'no_websocket'
  /** The WebSocket could not be opened, or not in time. */
  | 'not_opened'
  /** An open WebSocket was closed. */
  | 'closed'
  /** An open WebSocket was silent for too long: the connection is half open. */
  | 'silent'
  /** The machine slept. */
  | 'woke'
  /** The hub refuses this client: its token is missing, expired or revoked, or it broke a rule. */
  | 'refused'
  /** REST does not answer either. */
  | 'unreachable'
  /** REST answers with an error. */
  | 'failing'
  /** `close()` was called on the client. Nothing is retried. */
  | 'client_closed';

/** Reason for the state of a connection. `detail` is a sentence for people. */
export type ConnectionReason = { readonly code: ReasonCode; readonly detail: string };

type Common = {
  readonly reason: ConnectionReason;
  /** Start of this state, in Unix milliseconds of the client's steady time, like all times here. */
  readonly sinceMs: number;
  /** When the hub last had nothing newer than what is shown. `null` before the first data. */
  readonly dataAtMs: number | null;
};

/** State of a client's connection. */
export type ConnectionState =
  | (Common & { readonly type: 'connecting' })
  /** Over a WebSocket, as changes happen. */
  | (Common & { readonly type: 'live' })
  /** Over REST, once an interval, while the WebSocket is retried. */
  | (Common & { readonly type: 'polling'; readonly intervalMs: number })
  /** Neither works. Both are retried, unless the client was closed. */
  | (Common & { readonly type: 'offline' });

const WORST_FIRST = ['offline', 'connecting', 'polling', 'live'] as const;

/** Returns the worst of several states. Of equally bad ones, the first. */
export function worstOf(states: readonly ConnectionState[]): ConnectionState | null {
  for (const type of WORST_FIRST) {
    const worst = states.find((state) => state.type === type);
    if (worst !== undefined) return worst;
  }
  return null;
}
