import type { WireBytes } from './broadcast-frame.ts';
import type { ClientSocket } from './client-socket.ts';
import { Turns } from './turns.ts';

export type FanOutOptions = {
  /** Called for each client when its turn has come; `false` leaves it out. Default: all. */
  readonly isDue?: (client: ClientSocket) => boolean;
  /** Called for each client that was left out because it had not drained or is no longer open. */
  readonly onSkipped?: (client: ClientSocket) => void;
  readonly turns?: Turns;
};

/**
 * Writes messages to every client, yielding to the event loop in between. The clients MUST NOT
 * change while it runs: pass a copy of a live set.
 */
export async function fanOut(
  clients: readonly ClientSocket[],
  bytes: WireBytes,
  { isDue = () => true, onSkipped, turns = new Turns() }: FanOutOptions = {},
): Promise<{ written: number; skipped: number }> {
  let written = 0;
  let skipped = 0;
  if (clients.some(({ inflates }) => inflates)) await bytes.deflateAhead();
  for (const client of clients) {
    if (turns.isOver) await turns.next();
    if (!isDue(client)) continue;
    if (client.write(bytes) === 'written') written++;
    else {
      skipped++;
      onSkipped?.(client);
    }
  }
  return { written, skipped };
}
