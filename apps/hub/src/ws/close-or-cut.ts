import type { WebSocket } from 'ws';

/** How long a peer may take for the closing handshake before its connection is cut. */
const CLOSE_DEADLINE_MS = 2000;

/** Closes a socket with a code and cuts it when the peer does not answer in time. Resolves when it is closed. */
export function closeOrCut(socket: WebSocket, code: number, reason: string): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState === socket.CLOSED) return resolve();
    const timer = setTimeout(() => socket.terminate(), CLOSE_DEADLINE_MS);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.close(code, reason);
  });
}
