import { compareCursors, START_CURSOR, type Task, type TaskServerMessage } from '@booner/protocol';

/** The state that a client of version 2 has after all messages it was sent. */
export type TaskPicture = {
  readonly tasks: ReadonlyMap<string, Task>;
  /** Cursors of the events, in the order of arrival. */
  readonly cursors: readonly string[];
  readonly snapshots: number;
  readonly resumptions: number;
  /** Problems that no client should see: a change that is missing, or one that came twice. */
  readonly problems: readonly string[];
};

/** Merges messages as `docs/task-stream.md` describes. */
export function taskPictureOf(messages: readonly TaskServerMessage[]): TaskPicture {
  const tasks = new Map<string, Task>();
  const cursors: string[] = [];
  const problems: string[] = [];
  const count = { snapshot: 0, resumed: 0 };
  let position = START_CURSOR;
  for (const message of messages) {
    switch (message.type) {
      case 'snapshot':
      case 'resumed':
        count[message.type] += 1;
        position = message.cursor;
        if (message.type === 'resumed') break;
        tasks.clear();
        for (const task of message.tasks) tasks.set(task.id, task);
        break;
      case 'event': {
        const { cursor, task } = message;
        if (compareCursors(cursor, position) <= 0) problems.push(`${cursor} after ${position}`);
        position = cursor;
        cursors.push(cursor);
        const known = tasks.get(task.id);
        const knownVersion = known?.version ?? 0;
        // A snapshot may be newer than its cursor, so changes that it contains are sent again.
        if (task.version <= knownVersion) break;
        if (task.version > knownVersion + 1)
          problems.push(`version ${task.version} of ${task.id} after version ${knownVersion}`);
        tasks.set(task.id, { ...known, ...task } as Task);
        break;
      }
      case 'waiting':
      case 'bus':
      case 'log':
      case 'pong':
        break;
      case 'error':
        problems.push(message.detail);
        break;
      default:
        message satisfies never;
    }
  }
  return { tasks, cursors, snapshots: count.snapshot, resumptions: count.resumed, problems };
}
