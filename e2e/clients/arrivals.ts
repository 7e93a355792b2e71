import type { WebSocket } from 'ws';

/** When messages arrive at a client, without keeping them. */
export type Arrivals = {
  readonly atMs: readonly number[];
  /** The longest time without a message since an instant, which counts as one itself. */
  longestGapMs(sinceMs: number): number;
};

export function recordArrivals(socket: WebSocket): Arrivals {
  const atMs: number[] = [];
  socket.on('message', () => atMs.push(performance.now()));
  return {
    atMs,
    longestGapMs(sinceMs) {
      const instants = [sinceMs, ...atMs.filter((instant) => instant > sinceMs), performance.now()];
      return Math.max(...instants.slice(1).map((instant, index) => instant - (instants[index] ?? 0)));
    },
  };
}
