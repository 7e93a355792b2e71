import { once } from 'node:events';
import {
  type StatusServerMessage,
  type SystemStatus,
  statusServerMessageSchema,
  systemStatusSchema,
  V2_SUBPROTOCOL,
} from '@booner/protocol';
import { type ClientOptions, WebSocket } from 'ws';

/** Messages kept; older ones are forgotten. */
const MAX_MESSAGES = 10_000;

export type Received<Message> = {
  /** When it arrived, monotonic. */
  readonly atMs: number;
  readonly text: string;
  readonly message: Message;
};

export type StatusClientEnd = {
  readonly code: number;
  readonly reason: string;
  readonly error: Error | null;
};

/** A client of the status stream that keeps what it receives. Disposing of it cuts its connection. */
export type StatusClient<Message> = Disposable & {
  readonly socket: WebSocket;
  readonly received: readonly Received<Message>[];
  /** The newest message; `undefined` before the first. */
  latest(): Message | undefined;
  /** Resolves also when the connection was cut or reset (1006). */
  readonly closed: Promise<StatusClientEnd>;
  isOpen(): boolean;
};

export type OpenStatusClientOptions<Version extends 1 | 2 = 1 | 2> = ClientOptions & {
  readonly version: Version;
};

/**
 * Connects to `/ws/system/status` of a hub, given its `url` or `wsUrl`. A message that is not as the protocol says is an
 * uncaught exception, which fails the test run.
 * @throws Error of `ws` when the connection or the upgrade is refused
 */
export function openStatusClient(
  hubUrl: string,
  options: OpenStatusClientOptions<1>,
): Promise<StatusClient<SystemStatus>>;
export function openStatusClient(
  hubUrl: string,
  options: OpenStatusClientOptions<2>,
): Promise<StatusClient<StatusServerMessage>>;
export async function openStatusClient(
  hubUrl: string,
  { version, ...clientOptions }: OpenStatusClientOptions,
): Promise<StatusClient<unknown>> {
  const url = new URL('/ws/system/status', hubUrl.replace(/^http/, 'ws'));
  const schema = version === 1 ? systemStatusSchema : statusServerMessageSchema;
  const socket = new WebSocket(url, version === 1 ? [] : [V2_SUBPROTOCOL], clientOptions);
  const received: Received<unknown>[] = [];
  socket.on('message', (data) => {
    const text = data.toString();
    received.push({ atMs: performance.now(), text, message: schema.parse(JSON.parse(text)) });
    if (received.length > MAX_MESSAGES) received.shift();
  });
  let error: Error | null = null;
  socket.on('error', (cause) => {
    error = cause; // a close follows, which tells it
  });
  const closed = new Promise<StatusClientEnd>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString(), error }));
  });
  await once(socket, 'open');
  return {
    socket,
    received,
    latest: () => received.at(-1)?.message,
    closed,
    isOpen: () => socket.readyState === WebSocket.OPEN,
    [Symbol.dispose]: () => socket.terminate(),
  };
}
