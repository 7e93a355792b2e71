import type {
  BusState,
  Cursor,
  Task,
  TaskEvent,
  TaskLogMessage,
  TaskServerMessage,
  TaskSnapshot,
} from '@booner/protocol';
import { parseCursor } from '@booner/protocol/cursor';
import { hasEnded } from '@booner/protocol/has-ended';
import { ENDED_TASKS_SHOWN } from '@booner/protocol/limits';
import type { Stream } from '../connection/stream-link.ts';
import { StreamPosition } from '../connection/stream-position.ts';
import type { Rest } from '../http/rest.ts';
import { badAnswer, type ShownTask } from '../http/task-requests.ts';
import type { LogFeeds } from './log-feeds.ts';
import type { Forget, TaskCache, TaskChange } from './task-cache.ts';

/** Size of the REST page that replaces the stream's snapshot. */
const PAGE_TASKS = 500;

export type TaskStreamDeps = {
  readonly rest: Rest;
  /** URL of the WebSocket for a position in the stream. */
  readonly url: (cursor: Cursor | null) => string;
  /** Polling interval. The stream itself has none. */
  readonly intervalMs: () => number;
  readonly cache: TaskCache;
  readonly feeds: LogFeeds;
  /**
   * The cache may have changed. On the first load, `changes` is empty. `isSnapshot`: a whole
   * snapshot was applied rather than one change.
   */
  readonly onChange: (changes: readonly TaskChange[], isSnapshot: boolean) => void;
  /** `bus` has changed. */
  readonly onBus: () => void;
};

export type TaskStream = Stream & {
  readonly isLoaded: boolean;
  /** Last reported state of the hub's bus. */
  readonly bus: BusState;
};

/**
 * The stream of tasks. A WebSocket continues at the newest position of any message or REST answer.
 * The newer of two versions of a task is kept, and a snapshot from before that position removes
 * nothing: whichever hub answers, the data never goes back.
 */
export function createTaskStream({
  rest,
  url,
  intervalMs,
  cache,
  feeds,
  onChange,
  onBus,
}: TaskStreamDeps): TaskStream {
  const position = new StreamPosition();
  let isLoaded = false;
  let bus: BusState = 'connecting';
  let wasPolledSinceOpening = false;
  /** Events are useless until it arrives, since it contains them. */
  let awaitsSnapshot = false;
  let send: ((message: object) => void) | null = null;

  const takeAll = (tasks: readonly Task[], forget: Forget) => {
    const changes = cache.takeAll(tasks, forget);
    const isFirst = !isLoaded;
    isLoaded = true;
    onChange(isFirst ? [] : changes, true);
  };
  /** Hubs before 0.2 do not send it. */
  const takeBus = (reported: BusState = 'connected') => {
    if (reported === bus) return;
    bus = reported;
    onBus();
  };
  const takeSnapshot = ({ cursor, tasks }: TaskSnapshot) => {
    awaitsSnapshot = false;
    const isOld = wasPolledSinceOpening || position.isOld(cursor);
    if (!isOld) position.replace(cursor);
    position.follow(cursor);
    takeAll(tasks, isOld ? 'none' : forgottenBy(tasks));
    wasPolledSinceOpening = false;
  };
  const takeEvent = (event: TaskEvent) => {
    const outcome = cache.takeEvent(event);
    if (outcome === 'gap') {
      awaitsSnapshot = true;
      position.request({ snapshot: true });
      return send?.({ type: 'subscribe' }); // answered by a snapshot
    }
    position.follow(event.cursor);
    if (outcome !== 'known') onChange([outcome], false);
  };
  return {
    url: () => url(position.request({ snapshot: awaitsSnapshot })),
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
          position.moveTo(message.cursor);
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
          return; // its arrival is all that matters, or its type is newer than this client
        default:
          return message satisfies never;
      }
    },
    async poll(signal) {
      const answer = await rest({ path: 'tasks', query: { version: 2, limit: PAGE_TASKS }, signal });
      const { tasks, next, position: polled } = (answer ?? {}) as Partial<PolledPage>;
      if (!Array.isArray(tasks)) throw badAnswer();
      signal.throwIfAborted();
      const isWhole = next === null;
      const polledAt = isWhole ? parseCursor(polled ?? '') : null;
      if (polledAt === null) wasPolledSinceOpening = true;
      else position.moveTo(polledAt);
      // Oldest first, like the stream. Tasks too old for the page keep their state until the stream
      // returns.
      takeAll(tasks.map(withoutPosition).reverse(), isWhole ? 'all' : 'none');
      takeBus(); // a hub without the bus does not answer
      await feeds.poll(signal);
    },
  };
}

/** Hubs before 0.2 do not send `position`. */
type PolledPage = {
  readonly tasks: readonly ShownTask[];
  readonly next: string | null;
  readonly position: string;
};

/** The connection handles `waiting`. */
type StreamMessage = Exclude<TaskServerMessage, { type: 'waiting' }>;

/**
 * A snapshot with fewer ended tasks than a hub shows is complete. Otherwise older ones are merely
 * not shown.
 */
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

/**
 * Checks only what would otherwise fail later. A hub's own messages are not validated field by
 * field.
 */
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
  if (!isSound) throw new Error(`not a valid ${message.type} of the task stream`);
  return message;
}
