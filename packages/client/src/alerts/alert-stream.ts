import type {
  Alert,
  AlertServerMessage,
  AlertSettingKind,
  AlertSnapshot,
  BusState,
  Cursor,
} from '@booner/protocol';
import { parseCursor } from '@booner/protocol/cursor';
import type { Stream } from '../connection/stream-link.ts';
import { StreamPosition } from '../connection/stream-position.ts';
import type { AlertRequests } from '../http/alert-requests.ts';
import { badAnswer } from '../http/task-requests.ts';
import type { AlertCache, AlertChange } from './alert-cache.ts';

export type AlertStreamDeps = {
  readonly requests: Pick<AlertRequests, 'listAlerts'>;
  /** URL of the WebSocket for a position in the stream. */
  readonly url: (cursor: Cursor | null) => string;
  /** Polling interval. The stream itself has none. */
  readonly intervalMs: () => number;
  readonly cache: AlertCache;
  /** The cache, and `bus`, may have changed. On the first load, `changes` is empty. */
  readonly onChange: (changes: readonly AlertChange[]) => void;
  /** `bus` has changed. */
  readonly onBus: () => void;
  /** Settings have changed. `null`: those of any kind may have. */
  readonly onSettings: (kind: AlertSettingKind | null) => void;
};

export type AlertStream = Stream & {
  readonly isLoaded: boolean;
  /** Last reported state of the hub's bus. */
  readonly bus: BusState;
};

/**
 * The stream of alerts. A WebSocket continues at the newest position of any message or REST answer.
 * What is older than that position is known already and is dropped, so the data never goes back,
 * whichever hub answers.
 */
export function createAlertStream({
  requests,
  url,
  intervalMs,
  cache,
  onChange,
  onBus,
  onSettings,
}: AlertStreamDeps): AlertStream {
  const position = new StreamPosition();
  let isLoaded = false;
  let bus: BusState = 'connecting';
  let wasPollBehind = false;
  let send: ((message: object) => void) | null = null;

  const takeAll = (cursor: Cursor, alerts: readonly Alert[], reported: BusState) => {
    position.replace(cursor);
    bus = reported;
    const changes = cache.takeAll(alerts);
    const isFirst = !isLoaded;
    isLoaded = true;
    onChange(isFirst ? [] : changes);
    onSettings(null); // changes before this position are not sent
  };
  const takeBus = (reported: BusState) => {
    if (reported === bus) return;
    bus = reported;
    onBus();
  };
  const takeSnapshot = (snapshot: AlertSnapshot) => {
    if (position.isOld(snapshot.cursor)) {
      // The hub does not know what REST has shown since: it now waits until it can show that.
      return send?.({ type: 'subscribe', cursor: position.request() });
    }
    takeAll(snapshot.cursor, snapshot.alerts, snapshot.bus);
    position.follow(snapshot.cursor);
  };
  return {
    url: () => url(position.request()),
    isRegular: false,
    intervalMs,
    get isLoaded() {
      return isLoaded;
    },
    get bus() {
      return bus;
    },
    onOpening() {
      wasPollBehind = false;
    },
    onOpen(sendMessage) {
      send = sendMessage;
    },
    onLost() {
      send = null;
    },
    receive(document) {
      const message = readAlertMessage(document);
      switch (message?.type) {
        case 'snapshot':
          return takeSnapshot(message);
        case 'resumed':
          position.moveTo(message.cursor);
          return takeBus(message.bus);
        case 'bus':
          return takeBus(message.bus);
        case 'event':
        case 'settings': {
          if (position.isBehind(message.cursor)) return;
          position.follow(message.cursor);
          if (message.type === 'settings') return onSettings(message.kind);
          return onChange(cache.takeChanged(message.alerts));
        }
        case 'error':
        case 'pong':
        case undefined:
          return; // its arrival is all that matters, or its type is newer than this client
        default:
          return message satisfies never;
      }
    },
    async poll(signal) {
      const { alerts, position: polled } = await requests.listAlerts({ status: 'firing', signal });
      const polledAt = parseCursor(polled);
      if (polledAt === null) throw badAnswer();
      signal.throwIfAborted();
      // A hub that is behind is believed if the next answer is behind as well: the shared data may
      // have been replaced.
      wasPollBehind = position.isBehind(polledAt) && !wasPollBehind;
      // A hub without the bus does not answer.
      if (!wasPollBehind) takeAll(polledAt, alerts, 'connected');
    },
  };
}

/** The connection handles `waiting`. */
type StreamMessage = Exclude<AlertServerMessage, { type: 'waiting' }>;

const TYPES: ReadonlySet<string> = new Set<StreamMessage['type']>([
  'snapshot',
  'resumed',
  'bus',
  'event',
  'settings',
  'error',
  'pong',
]);

/**
 * Checks only what would otherwise fail later. A hub's own messages are not validated field by
 * field.
 */
function readAlertMessage(document: { readonly type: string }): StreamMessage | null {
  if (!TYPES.has(document.type)) return null;
  const message = document as StreamMessage;
  const isSound =
    message.type === 'error' ||
    message.type === 'pong' ||
    message.type === 'bus' ||
    (typeof message.cursor === 'string' &&
      ((message.type !== 'snapshot' && message.type !== 'event') || Array.isArray(message.alerts)));
  if (!isSound) throw new Error(`not a valid ${message.type} of the alert stream`);
  return message;
}
