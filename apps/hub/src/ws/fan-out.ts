import { setImmediate as yieldToLoop } from 'node:timers/promises';
import type { WireBytes } from './broadcast-frame.ts';
import type { ClientSocket } from './client-socket.ts';

/**
 * About 12 ms of kernel writes; then timers, pongs and other sockets get their turn. Shorter turns
 * cost up to 5 % more.
 */
const WRITES_PER_TURN = 1000;

export type FanOutOptions = {
  readonly signal?: AbortSignal;
  /** Called for each client that was left out because it had not drained or is no longer open. */
  readonly onSkipped?: (client: ClientSocket) => void;
};

/**
 * Writes messages to every client, yielding to the event loop in between. The clients MUST NOT
 * change while it runs: pass a copy of a live set.
 */
export async function fanOut(
  clients: Iterable<ClientSocket>,
  bytes: WireBytes,
  { signal, onSkipped }: FanOutOptions = {},
): Promise<{ written: number; skipped: number }> {
  let written = 0;
  let skipped = 0;
  const write = (client: ClientSocket) => {
    if (client.write(bytes) === 'written') written++;
    else {
      skipped++;
      onSkipped?.(client);
    }
  };
  await inTurns(clients, write, { signal });
  return { written, skipped };
}

/**
 * Calls `write` for each receiver, yielding in between. The receivers MUST NOT change meanwhile.
 */
export async function inTurns<Receiver>(
  receivers: Iterable<Receiver>,
  write: (receiver: Receiver) => void,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  let count = 0;
  for (const receiver of receivers) {
    if (signal?.aborted) return;
    write(receiver);
    if (++count % WRITES_PER_TURN === 0) await yieldToLoop();
  }
}
