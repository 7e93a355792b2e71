import type { AlertBus, AlertEvent } from '@booner/bus';
import type { BusState } from '@booner/protocol';
import type { Logger } from '@booner/service';
import { followEvents } from '../../buses/follow-events.ts';
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
  const next = async (): Promise<'applied' | 'lost'> => {
    if (!isCurrent) await load();
    const events = await bus.nextEvents(board.cursor, BATCH_EVENTS);
    if (signal.aborted) return 'applied';
    if (events === 'trimmed') return 'lost';
    for (const event of events) board.apply(event);
    if (events.length > 0) for (const follower of followers) follower.onEvents(events);
    return 'applied';
  };
  await followEvents({ bus, what: 'alerts', next, load, fallBehind, log }, { signal });
}
