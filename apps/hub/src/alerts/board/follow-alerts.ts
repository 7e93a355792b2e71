import type { AlertBus, AlertEvent } from '@booner/bus';
import type { BusState } from '@booner/protocol';
import { createFailureLog, type Logger, runLoop, unlessAborted } from '@booner/service';
import type { AlertBoard } from './alert-board.ts';

/** Events of one read. */
const BATCH_EVENTS = 500;

/** Follows the board. Its methods are called within the turn that changes the board. */
export type AlertFollower = {
  /** The board has applied these events. */
  onEvents(events: readonly AlertEvent[]): void;
  /** The board was read anew. */
  onReset(): void;
  /** `connected`: the board is up to date. */
  onBus(state: BusState): void;
};

export type FollowAlertsDeps = {
  readonly bus: Pick<AlertBus, 'connection' | 'whenConnected' | 'readAlerts' | 'nextEvents'>;
  readonly board: AlertBoard;
  readonly followers: readonly AlertFollower[];
  readonly log: Logger;
};

/**
 * Keeps a board up to date with the stream of events until the signal aborts. After an outage of
 * the bus, or if its position is lost, the board is read anew: it is small.
 */
export async function followAlerts(
  { bus, board, followers, log }: FollowAlertsDeps,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  let isCurrent = false;

  const load = async () => {
    const read = await bus.readAlerts();
    if (signal.aborted) return;
    board.load(read);
    isCurrent = true;
    for (const follower of followers) follower.onReset();
    for (const follower of followers) follower.onBus('connected');
  };
  const fallBehind = () => {
    if (!isCurrent) return;
    isCurrent = false;
    for (const follower of followers) follower.onBus('disconnected');
  };
  const next = async () => {
    if (!isCurrent) return load();
    const events = await bus.nextEvents(board.cursor, BATCH_EVENTS);
    if (signal.aborted) return;
    if (events === 'trimmed') return load();
    for (const event of events) board.apply(event);
    if (events.length > 0) for (const follower of followers) follower.onEvents(events);
  };
  const run = async () => {
    try {
      // After the abort, a read that waits for events ends in its own time and changes nothing.
      await unlessAborted(next(), signal);
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
    failing: 'events of alerts cannot be read',
    recovered: 'events of alerts are read again',
  });
  await runLoop({ run, ready, failures }, { signal });
}
