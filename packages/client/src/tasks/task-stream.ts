import type {
  BusState,
  Cursor,
  Task,
  TaskEvent,
  TaskLogMessage,
  TaskServerMessage,
  TaskSnapshot,
} from '@booner/protocol';
import { compareCursors, parseCursor } from '@booner/protocol/cursor';
import { hasEnded } from '@booner/protocol/has-ended';
import { ENDED_TASKS_SHOWN } from '@booner/protocol/limits';
import type { Stream } from '../connection/stream-link.ts';
import type { Rest } from '../http/rest.ts';
import { badAnswer, type ShownTask } from '../http/task-requests.ts';
import type { LogFeeds } from './log-feeds.ts';
import type { Forget, TaskBook, TaskChange } from './task-book.ts';

/** The page of REST that stands for the stream's picture. */
const PAGE_TASKS = 500;

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
  /** `bus` has changed. */
  readonly onBus: () => void;
};

export type TaskStream = Stream & {
  readonly isLoaded: boolean;
  /** State of the hub's bus, as it said last. */
  readonly bus: BusState;
};

/**
 * The tasks. A WebSocket goes on at the newest position that a message or an answer of REST had. Of two versions of a task the newer
 * one stays, and a snapshot from before that position removes nothing: whichever hub answers, what is shown does not go back.
 */
export function createTaskStream({
  rest,
  url,
  intervalMs,
  book,
  feeds,
  onChange,
  onBus,
}: TaskStreamDeps): TaskStream {
  let cursor: Cursor | null = null;
  /** Position that the hub at the WebSocket knows this client to have; another one than `cursor` after an answer of REST. */
  let told: Cursor | null = null;
  let isLoaded = false;
  let bus: BusState = 'connecting';
  let wasPolledSinceOpening = false;
  /** Events are of no use until it comes: it contains them. */
  let awaitsSnapshot = false;
  const isBehind = (position: Cursor) => cursor !== null && compareCursors(position, cursor) < 0;
  const moveTo = (position: Cursor) => {
    if (!isBehind(position)) cursor = position;
  };
  let send: ((message: object) => void) | null = null;

  const takeAll = (tasks: readonly Task[], forget: Forget) => {
    const changes = book.takeAll(tasks, forget);
    const isFirst = !isLoaded;
    isLoaded = true;
    onChange(isFirst ? [] : changes, true);
  };
  /** A hub before 0.2 does not say it. */
  const takeBus = (said: BusState = 'connected') => {
    if (said === bus) return;
    bus = said;
    onBus();
  };
  const takeSnapshot = ({ cursor: position, tasks }: TaskSnapshot) => {
    awaitsSnapshot = false;
    // A hub that knows what is known here and shows something earlier is right: what all hubs share was replaced.
    const isOld = wasPolledSinceOpening || (told !== cursor && isBehind(position));
    if (isOld) moveTo(position);
    else cursor = position;
    told = position;
    takeAll(tasks, isOld ? 'none' : forgottenBy(tasks));
    wasPolledSinceOpening = false;
  };
  const takeEvent = (event: TaskEvent) => {
    const outcome = book.takeEvent(event);
    if (outcome === 'gap') {
      awaitsSnapshot = true;
      told = null;
      return send?.({ type: 'subscribe' }); // answered by a snapshot
    }
    told = event.cursor;
    moveTo(event.cursor);
    if (outcome !== 'known') onChange([outcome], false);
  };
  return {
    url() {
      told = awaitsSnapshot ? null : cursor;
      return url(told);
    },
    isRegular: false,
    intervalMs,
    get isLoaded() {
      return isLoaded;
    },
    get bus() {
      return bus;
    },
    onOpening() {
      wasPolledSinceOpening = false;
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
          takeSnapshot(message);
          return takeBus(message.bus);
        case 'resumed':
          moveTo(message.cursor);
          return takeBus(message.bus);
        case 'bus':
          return takeBus(message.bus);
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
      const { tasks, next, position } = (answer ?? {}) as Partial<PolledPage>;
      if (!Array.isArray(tasks)) throw badAnswer();
      signal.throwIfAborted();
      const isWhole = next === null;
      const polledAt = isWhole ? parseCursor(position ?? '') : null;
      if (polledAt === null) wasPolledSinceOpening = true;
      else moveTo(polledAt);
      // Oldest first, as the stream has them. Older ones than fit into the page stay as they were until the stream is back.
      takeAll(tasks.map(withoutPosition).reverse(), isWhole ? 'all' : 'none');
      takeBus(); // a hub without the bus does not answer
      await feeds.poll(signal);
    },
  };
}

/** `position` is absent from hubs before 0.2. */
type PolledPage = {
  readonly tasks: readonly ShownTask[];
  readonly next: string | null;
  readonly position: string;
};

/** `waiting` is for the connection. */
type StreamMessage = Exclude<TaskServerMessage, { type: 'waiting' }>;

/** A picture of fewer ended tasks than a hub shows holds all that there are; else older ones are only not shown. */
const forgottenBy = (tasks: readonly Task[]): Forget =>
  tasks.filter(({ status }) => hasEnded(status)).length < ENDED_TASKS_SHOWN ? 'all' : 'open';

function withoutPosition({ queuePosition: _, ...task }: ShownTask): Task {
  return task;
}

const TYPES: ReadonlySet<string> = new Set<StreamMessage['type']>([
  'snapshot',
  'resumed',
  'bus',
  'event',
  'log',
  'error',
  'pong',
]);

/** Looks at what would otherwise fail later; a hub's own messages are not checked field by field. */
function readTaskMessage(document: { readonly type: string }): StreamMessage | null {
  if (!TYPES.has(document.type)) return null;
  const message = document as StreamMessage;
  const isSound =
    message.type === 'error' ||
    message.type === 'pong' ||
    message.type === 'bus' ||
    (message.type === 'log'
      ? Array.isArray((message as Partial<TaskLogMessage>).lines)
      : typeof message.cursor === 'string' &&
        (message.type !== 'snapshot' || Array.isArray(message.tasks)) &&
        (message.type !== 'event' || typeof message.task?.id === 'string'));
  if (!isSound) throw new Error(`it is no ${message.type} of the task stream`);
  return message;
}
