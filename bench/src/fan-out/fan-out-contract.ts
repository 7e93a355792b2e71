/**
 * The servers that are compared, each with its peer: `hub-broadcast` is the broadcaster of apps/hub alone, as `ws` is a plain loop
 * alone; `hub` has its heartbeat too, as `socket.io` has.
 */
export const BROADCASTERS = ['hub-broadcast', 'ws', 'hub', 'socket.io'] as const;
export type BroadcasterName = (typeof BROADCASTERS)[number];

/** A server in the comparison. Each runs in a process of its own. */
export type Broadcaster = {
  readonly port: number;
  /** Sends to all clients; resolves when each was written to. `written` counts them. */
  broadcast(text: string): Promise<{ written: number }>;
};

export type FanOutServerContract = {
  /** Frees what is not in use, so that memory can be compared: otherwise it depends on when V8 last cleared up. */
  collectGarbage: { request: null; reply: null };
  start: { request: { broadcaster: BroadcasterName }; reply: { port: number } };
  broadcast: { request: { sequence: number; payloadBytes: number }; reply: { written: number } };
};

/** A process with many clients. `server` names the one they are connected to. */
export type FanOutLoadContract = {
  connect: { request: { server: BroadcasterName; port: number; clients: number }; reply: null };
  /** Answered when each client of the server has got the message; rejects with what went wrong at any of them. */
  settled: { request: { server: BroadcasterName; sequence: number; timeoutMs: number }; reply: null };
  /** Takes what was recorded since the last call: latencies in microseconds, an encoded distribution. */
  takeLatencies: { request: { server: BroadcasterName }; reply: { encoded: string } };
};
