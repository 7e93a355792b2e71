import type { Cursor, Task, TaskEvent, TaskLogMessage, TaskServerMessage } from '@booner/protocol';
import { hasEnded } from '@booner/protocol/has-ended';
import type { Stream } from '../connection/stream-link.ts';
import type { Rest } from '../http/rest.ts';
import { badAnswer, type ShownTask } from '../http/task-requests.ts';
import type { LogFeeds } from './log-feeds.ts';
import type { Forget, TaskBook, TaskChange } from './task-book.ts';

/** The page of REST that stands for the stream's picture. */
const PAGE_TASKS = 500;
/** How many ended tasks a snapshot of the stream holds, if there are so many. */
const ENDED_TASKS_SHOWN = 200;

export type TaskStreamDeps = {
  readonly rest: Rest;
  /** Of the WebSocket, for a position in the stream. */
  readonly url: (cursor: Cursor | null) => string;
  /** How often REST is asked; the stream itself has no interval. */
  readonly intervalMs: () => number;
  readonly book: TaskBook;
  readonly feeds: LogFeeds;
  /**
   * The book may have changed. When it is loaded for the first time, `changes` are empty. `isPicture`: all tasks were shown, not one change.
   */
  readonly onChange: (changes: readonly TaskChange[], isPicture: boolean) => void;
};

export type TaskStream = Stream & { readonly isLoaded: boolean };

/**
 * The tasks. A WebSocket goes on at the cursor of the last message, also when REST has shown newer tasks meanwhile: what comes is
 * judged by the versions of the tasks, so that nothing is lost and nothing is taken twice.
 */
export function createTaskStream({
  rest,
  url,
  intervalMs,
  book,
  feeds,
  onChange,
}: TaskStreamDeps): TaskStream {
  let cursor: Cursor | null = null;
  let isLoaded = false;
  let wasPolledSinceOpening = false;
  /** Events are of no use until it comes: it contains them. */
  let awaitsSnapshot = false;
  let send: ((message: object) => void) | null = null;

  const takeAll = (tasks: readonly Task[], forget: Forget) => {
    const changes = book.takeAll(tasks, forget);
    const isFirst = !isLoaded;
    isLoaded = true;
    onChange(isFirst ? [] : changes, true);
  };
  const takeEvent = (event: TaskEvent) => {
    const outcome = book.takeEvent(event);
    if (outcome === 'gap') {
      awaitsSnapshot = true;
      return send?.({ type: 'subscribe' }); // answered by a snapshot
    }
    cursor = event.cursor;
    if (outcome !== 'known') onChange([outcome], false);
  };
  return {
    url: () => url(cursor),
    isRegular: false,
    intervalMs,
    get isLoaded() {
      return isLoaded;
    },
    onOpening() {
      wasPolledSinceOpening = false;
      if (awaitsSnapshot) cursor = null;
      awaitsSnapshot = false;
    },
    onOpen(sendMessage) {
      send = sendMessage;
      feeds.connect(sendMessage);
    },
    onLost() {
      send = null;
      feeds.connect(null);
    },
    receive(document) {
      const message = readTaskMessage(document);
      switch (message?.type) {
        case 'snapshot':
          cursor = message.cursor;
          awaitsSnapshot = false;
          // What was polled meanwhile may be newer, and then holds what this does not.
          takeAll(message.tasks, wasPolledSinceOpening ? 'none' : forgottenBy(message.tasks));
          wasPolledSinceOpening = false;
          return;
        case 'resumed':
          cursor = message.cursor;
          return;
        case 'event':
          return awaitsSnapshot ? undefined : takeEvent(message);
        case 'log':
          return feeds.receive(message);
        case 'error':
          return void feeds.check(message.detail);
        case 'pong':
        case undefined:
          return; // that it came is all that it says, or it is of a type that comes later
        default:
          return message satisfies never;
      }
    },
    async poll(signal) {
      const answer = await rest({ path: 'tasks', query: { version: 2, limit: PAGE_TASKS }, signal });
      const { tasks, next } = (answer ?? {}) as { tasks?: readonly ShownTask[]; next?: string | null };
      if (!Array.isArray(tasks)) throw badAnswer();
      signal.throwIfAborted();
      wasPolledSinceOpening = true;
      // Oldest first, as the stream has them. Older ones than fit into the page stay as they were until the stream is back.
      takeAll(tasks.map(withoutPosition).reverse(), next === null ? 'all' : 'none');
      await feeds.poll(signal);
    },
  };
}

/** A picture of fewer ended tasks than a hub shows holds all that there are; else older ones are only not shown. */
const forgottenBy = (tasks: readonly Task[]): Forget =>
  tasks.filter(({ status }) => hasEnded(status)).length < ENDED_TASKS_SHOWN ? 'all' : 'open';

function withoutPosition({ queuePosition: _, ...task }: ShownTask): Task {
  return task;
}

const TYPES: ReadonlySet<string> = new Set<TaskServerMessage['type']>([
  'snapshot',
  'resumed',
  'event',
  'log',
  'error',
  'pong',
]);

/** Looks at what would otherwise fail later; a hub's own messages are not checked field by field. */
function readTaskMessage(document: { readonly type: string }): TaskServerMessage | null {
  if (!TYPES.has(document.type)) return null;
  const message = document as TaskServerMessage;
  const isSound =
    message.type === 'error' ||
    message.type === 'pong' ||
    (message.type === 'log'
      ? Array.isArray((message as Partial<TaskLogMessage>).lines)
      : typeof message.cursor === 'string' &&
        (message.type !== 'snapshot' || Array.isArray(message.tasks)) &&
        (message.type !== 'event' || typeof message.task?.id === 'string'));
  if (!isSound) throw new Error(`it is no ${message.type} of the task stream`);
  return message;
}
