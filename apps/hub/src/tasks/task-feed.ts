import type { TaskBus } from '@booner/bus';
import type { TaskEvent } from '@booner/protocol';
import type { EventFeed } from '../ws/subscriptions.ts';
import { isInScope } from '../ws/views.ts';
import { MissedEvents } from './missed-events.ts';
import type { TaskBoard } from './task-board.ts';
import { encodeMessage } from './task-messages.ts';

export type TaskFeedDeps = {
  readonly bus: Pick<TaskBus, 'connection' | 'readEvents' | 'readLastCursor'>;
  readonly board: TaskBoard;
};

/** The events of tasks, for subscriptions. */
export function taskFeed({ bus, board }: TaskFeedDeps): EventFeed<TaskEvent> {
  const missed = new MissedEvents(bus);
  return {
    board,
    listName: 'tasks',
    itemTexts: (scope) => board.taskTexts(scope),
    hosts: () => board.hosts(),
    encode(events) {
      const encoded = events.map((event) => ({ host: event.task.host, frame: encodeMessage(event) }));
      return (scope) => {
        const inScope = encoded.filter(({ host }) => isInScope(scope, host));
        return { frames: inScope.map(({ frame }) => frame), hosts: inScope.map(({ host }) => host) };
      };
    },
    isConnected: () => bus.connection().state === 'connected',
    readMissed: (after) => missed.read(after),
  };
}
