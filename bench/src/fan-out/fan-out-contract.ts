/**
 * The servers in the comparison, each with its peer. `hub-broadcast` is the broadcaster of apps/hub
 * alone, as `ws` is a plain loop. `hub` also has its heartbeat, as `socket.io` has.
 */
export const BROADCASTERS = ['hub-broadcast', 'ws', 'hub', 'socket.io'] as const;
export type BroadcasterName = (typeof BROADCASTERS)[number];

/** A server in the comparison. Each runs in a process of its own. */
export type Broadcaster = {
  readonly port: number;
  /** Sends to all clients. Resolves when all writes are done, with their number as `written`. */
  broadcast(text: string): Promise<{ written: number }>;
};

export type FanOutServerContract = {
  /** Frees unused memory, for comparison. Otherwise it depends on V8's last collection. */
  collectGarbage: { request: null; reply: null };
  start: { request: { broadcaster: BroadcasterName }; reply: { port: number } };
  broadcast: { request: { sequence: number; payloadBytes: number }; reply: { written: number } };
};

/** A process with many clients. `server` is the one that they are connected to. */
export type FanOutLoadContract = {
  connect: { request: { server: BroadcasterName; port: number; clients: number }; reply: null };
  /** Resolves when each client of the server has the message. Rejects with any client's error. */
  settled: { request: { server: BroadcasterName; sequence: number; timeoutMs: number }; reply: null };
  /** Takes the latencies in µs since the last call, as an encoded distribution. */
  takeLatencies: { request: { server: BroadcasterName }; reply: { encoded: string } };
};
