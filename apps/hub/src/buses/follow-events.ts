import type { BusSide } from '@booner/bus';
import { backoffDelayMs } from '@booner/protocol/backoff';
import { createFailureLog, type Logger, runLoop, sleep, unlessAborted } from '@booner/service';

const LOST_BACKOFF = { minMs: 100, maxMs: 2000 };

export type FollowEventsDeps = {
  readonly bus: Pick<BusSide, 'connection' | 'whenConnected'>;
  /** Names what the events are of in logs: "tasks". */
  readonly what: string;
  /** Reads and applies the next events; `lost` if those after the board's position are gone. */
  readonly next: () => Promise<'applied' | 'lost'>;
  /** Reads the whole board again. */
  readonly load: () => Promise<void>;
  /** Called when the bus is lost. */
  readonly fallBehind: () => void;
  readonly log: Logger;
};

/** Applies the events of a bus to a board until the signal aborts, and reloads it after a loss. */
export async function followEvents(
  { bus, what, next, load, fallBehind, log }: FollowEventsDeps,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  let losses = 0;
  async function follow(): Promise<void> {
    if ((await next()) === 'applied') {
      losses = 0;
      return;
    }
    if (losses === 0) log.warn(`events were missed: all ${what} are read again`);
    // A position that is lost again and again must not keep all clients busy.
    else await sleep(backoffDelayMs(losses, LOST_BACKOFF), signal);
    if (signal.aborted) return;
    losses++;
    await load();
  }

  const run = async () => {
    try {
      // After the abort, a read that waits for events ends in its own time and changes nothing.
      await unlessAborted(follow(), signal);
    } catch (error) {
      fallBehind();
      throw error;
    }
  };
  const ready = () => {
    if (bus.connection().state !== 'connected') fallBehind();
    return bus.whenConnected(signal);
  };
  const failures = createFailureLog(log, {
    failing: `events of ${what} cannot be read`,
    recovered: `events of ${what} are read again`,
  });
  await runLoop({ run, ready, failures }, { signal });
}
