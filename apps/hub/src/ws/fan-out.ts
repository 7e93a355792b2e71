import { setImmediate as yieldToLoop } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { type EncodedFrame, writeFrame } from './broadcast-frame.ts';

/** Some 12 ms of kernel writes; after them timers, pongs and other sockets get their turn. Shorter turns cost up to 5 % more. */
const WRITES_A_TURN = 1000;

export type FanOutOptions = {
  readonly signal?: AbortSignal;
  /** Called for each socket that was left out, because it had not drained or is no longer open. */
  readonly onSkipped?: (socket: WebSocket) => void;
};

/**
 * Writes one frame to every socket, yielding to the event loop in between. The sockets MUST NOT change while it runs: pass a
 * copy of a live set.
 */
export async function fanOut(
  sockets: Iterable<WebSocket>,
  frame: EncodedFrame,
  { signal, onSkipped }: FanOutOptions = {},
): Promise<{ written: number; skipped: number }> {
  let written = 0;
  let skipped = 0;
  for (const socket of sockets) {
    if (signal?.aborted) break;
    if (writeFrame(socket, frame) === 'written') written++;
    else {
      skipped++;
      onSkipped?.(socket);
    }
    if ((written + skipped) % WRITES_A_TURN === 0) await yieldToLoop();
  }
  return { written, skipped };
}
