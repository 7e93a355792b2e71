export type ReasonCode =
  /** Nobody needs this data now. */
  | 'idle'
  | 'starting'
  | 'connected'
  /** The WebSocket is open, but the hub has not caught up: it would show less than is known here. */
  | 'waiting'
  /** A WebSocket could not be opened, or none in time. */
  | 'no_websocket'
  /** A WebSocket that was open has ended. */
  | 'closed'
  /** An open WebSocket brought nothing in time: the connection is half open. */
  | 'silent'
  /** The machine slept. */
  | 'woke'
  /** The hub refuses this client: its token is missing, over or revoked, or it broke a rule. */
  | 'refused'
  /** REST has no answer either. */
  | 'unreachable'
  /** REST is answered, but with an error. */
  | 'failing';

/** Why a connection is as it is. `detail` is a sentence for people. */
export type ConnectionReason = { readonly code: ReasonCode; readonly detail: string };

type Common = {
  readonly reason: ConnectionReason;
  /** Since when it is of this type. Unix milliseconds by the client's steady time, as all times here. */
  readonly sinceMs: number;
  /** When the hub was last known to have nothing newer than what is shown; `null` before the first data. */
  readonly dataAtMs: number | null;
};

/** How a client gets its data. */
export type ConnectionState =
  | (Common & { readonly type: 'connecting' })
  /** By WebSocket, as it happens. */
  | (Common & { readonly type: 'live' })
  /** By REST, once an interval; a WebSocket is tried again all the while. */
  | (Common & { readonly type: 'polling'; readonly intervalMs: number })
  /** Neither works; both are tried again. */
  | (Common & { readonly type: 'offline' });

const WORST_FIRST = ['offline', 'connecting', 'polling', 'live'] as const;

/** The worst of several connections; of those that are equally bad the first. */
export function worstOf(states: readonly ConnectionState[]): ConnectionState | null {
  for (const type of WORST_FIRST) {
    const worst = states.find((state) => state.type === type);
    if (worst !== undefined) return worst;
  }
  return null;
}
