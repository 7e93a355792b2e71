import { setImmediate as yieldToLoop } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { type WireBytes, writeFrame } from './broadcast-frame.ts';

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
  frame: WireBytes,
  { signal, onSkipped }: FanOutOptions = {},
): Promise<{ written: number; skipped: number }> {
  let written = 0;
  let skipped = 0;
  const write = (socket: WebSocket) => {
    if (writeFrame(socket, frame) === 'written') written++;
    else {
      skipped++;
      onSkipped?.(socket);
    }
  };
  await inTurns(sockets, write, { signal });
  return { written, skipped };
}

/** Does something for each receiver of a broadcast, yielding to the event loop in between. The same holds for them as above. */
export async function inTurns<Receiver>(
  receivers: Iterable<Receiver>,
  write: (receiver: Receiver) => void,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  let count = 0;
  for (const receiver of receivers) {
    if (signal?.aborted) return;
    write(receiver);
    if (++count % WRITES_A_TURN === 0) await yieldToLoop();
  }
}
