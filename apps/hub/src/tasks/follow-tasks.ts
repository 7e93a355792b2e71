import type { TaskBus } from '@booner/bus';
import { type BusState, ENDED_TASKS_SHOWN, type Task, type TaskEvent, type TaskId } from '@booner/protocol';
import type { Logger } from '@booner/service';
import { followEvents } from '../buses/follow-events.ts';
import { isComplete, type TaskBoard } from './task-board.ts';

/** Events of one read. */
const BATCH_EVENTS = 500;

export type FollowTasksDeps = {
  readonly bus: Pick<
    TaskBus,
    'connection' | 'whenConnected' | 'read' | 'readBoard' | 'nextEvents' | 'readEvents'
  >;
  readonly board: TaskBoard;
  /** Notified of each change of the board within the same turn of the event loop. */
  readonly stream: {
    publish(events: readonly TaskEvent[]): void;
    reset(): void;
    /**
     * Receives the state of the bus: `connected` after each read that brought the board up to date.
     */
    setBus(bus: BusState): void;
  };
  readonly log: Logger;
};

/**
 * Keeps a board up to date with the stream of events until the signal aborts. The board does not
 * change during an outage of the bus, and then continues from its position. If the position is
 * lost, because it was trimmed or the bus lost its data, the board is reloaded.
 */
export async function followTasks(
  { bus, board, stream, log }: FollowTasksDeps,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  /**
   * While true, reads do not wait for more events, so that the stream learns at once when it is up
   * to date.
   */
  let isBehind = true;

  async function load(): Promise<void> {
    const loaded = await bus.readBoard(ENDED_TASKS_SHOWN);
    if (signal.aborted) return;
    board.load(loaded);
    stream.reset();
  }

  async function next(): Promise<'applied' | 'lost'> {
    if (!board.isLoaded) await load();
    const read = isBehind ? bus.readEvents : bus.nextEvents;
    const events = await read(board.cursor, BATCH_EVENTS);
    if (events === 'trimmed') return 'lost';
    const stored = await readUnknown(events);
    if (signal.aborted) return 'applied';
    // A single turn from here on: a client that connects sees the board and the stream at one
    // position.
    for (const event of events) board.apply(event, stored.get(event.task.id));
    if (events.length > 0) stream.publish(events);
    isBehind = events.length === BATCH_EVENTS;
    if (!isBehind) stream.setBus('connected');
    return 'applied';
  }

  function fallBehind(): void {
    isBehind = true;
    if (board.isLoaded) stream.setBus('disconnected');
  }

  /** Reads the tasks whose events are not sufficient. */
  async function readUnknown(events: readonly TaskEvent[]): Promise<ReadonlyMap<TaskId, Task | null>> {
    const stored = new Map<TaskId, Task | null>();
    const versions = new Map<TaskId, number>();
    for (const event of events) {
      const { id, version } = event.task;
      const known = versions.get(id) ?? board.get(id)?.version;
      if (!isComplete(event, known) && !stored.has(id)) stored.set(id, await bus.read(id));
      versions.set(id, Math.max(version, known ?? 0));
    }
    return stored;
  }

  await followEvents({ bus, what: 'tasks', next, load, fallBehind, log }, { signal });
}
