import { once } from 'node:events';
import {
  type AlertServerMessage,
  alertServerMessageSchema,
  type StatusServerMessage,
  type SystemStatus,
  statusServerMessageSchema,
  systemStatusSchema,
  type TaskMap,
  type TaskServerMessage,
  taskMapSchema,
  taskServerMessageSchema,
  V2_SUBPROTOCOL,
} from '@booner/protocol';
import { type ClientOptions, WebSocket } from 'ws';
import type { z } from 'zod';

/** Messages kept. Older ones are dropped. */
const MAX_MESSAGES = 10_000;

export type Received<Message> = {
  /** Time of arrival on the monotonic clock. */
  readonly atMs: number;
  readonly text: string;
  readonly message: Message;
};

export type StreamClientEnd = {
  readonly code: number;
  readonly reason: string;
  readonly error: Error | null;
};

/** A stream client that keeps what it receives. Disposing of it cuts its connection. */
export type StreamClient<Message> = Disposable & {
  readonly socket: WebSocket;
  readonly received: readonly Received<Message>[];
  /** Returns the newest message, or `undefined` before the first. */
  latest(): Message | undefined;
  /** Sends a message as JSON. */
  send(message: unknown): void;
  /** Resolves even when the connection was cut or reset (1006). */
  readonly closed: Promise<StreamClientEnd>;
  isOpen(): boolean;
};

export type OpenStreamClientOptions<Version extends 1 | 2 = 1 | 2> = ClientOptions & {
  readonly version: Version;
  /** Offered in addition to the version 2 subprotocol, such as a ticket. */
  readonly protocols?: readonly string[];
  /** Added to the URL. */
  readonly query?: Readonly<Record<string, string>>;
};

/**
 * Connects to `/ws/system/status` of a hub, given its `url` or `wsUrl`. A message that violates the
 * protocol is an uncaught exception, which fails the test run.
 * @throws Error of `ws` when the connection or the upgrade is refused
 */
export function openStatusClient(
  hubUrl: string,
  options: OpenStreamClientOptions<1>,
): Promise<StreamClient<SystemStatus>>;
export function openStatusClient(
  hubUrl: string,
  options: OpenStreamClientOptions<2>,
): Promise<StreamClient<StatusServerMessage>>;
export function openStatusClient(
  hubUrl: string,
  options: OpenStreamClientOptions,
): Promise<StreamClient<unknown>> {
  const schema = options.version === 1 ? systemStatusSchema : statusServerMessageSchema;
  return openStreamClient(new URL('/ws/system/status', hubUrl), schema, options);
}

/** Connects to `/ws/tasks/updates` of a hub; otherwise as {@link openStatusClient}. */
export function openTaskClient(
  hubUrl: string,
  options: OpenStreamClientOptions<1>,
): Promise<StreamClient<TaskMap>>;
export function openTaskClient(
  hubUrl: string,
  options: OpenStreamClientOptions<2>,
): Promise<StreamClient<TaskServerMessage>>;
export function openTaskClient(
  hubUrl: string,
  options: OpenStreamClientOptions,
): Promise<StreamClient<unknown>> {
  const schema = options.version === 1 ? taskMapSchema : taskServerMessageSchema;
  return openStreamClient(new URL('/ws/tasks/updates', hubUrl), schema, options);
}

/** Connects to `/ws/alerts` of a hub, which has version 2 only. */
export const openAlertClient = (
  hubUrl: string,
  options: OpenStreamClientOptions,
): Promise<StreamClient<AlertServerMessage>> =>
  openStreamClient(new URL('/ws/alerts', hubUrl), alertServerMessageSchema, options);

async function openStreamClient<Schema extends z.ZodType>(
  url: URL,
  schema: Schema,
  { version, query = {}, protocols = [], ...clientOptions }: OpenStreamClientOptions,
): Promise<StreamClient<z.infer<Schema>>> {
  url.protocol = url.protocol.replace('http', 'ws');
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const socket = new WebSocket(
    url,
    [...(version === 1 ? [] : [V2_SUBPROTOCOL]), ...protocols],
    clientOptions,
  );
  const received: Received<z.infer<Schema>>[] = [];
  socket.on('message', (data) => {
    const text = data.toString();
    received.push({ atMs: performance.now(), text, message: schema.parse(JSON.parse(text)) });
    if (received.length > MAX_MESSAGES) received.shift();
  });
  let error: Error | null = null;
  socket.on('error', (cause) => {
    error = cause; // a close follows, which reports it
  });
  const closed = new Promise<StreamClientEnd>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString(), error }));
  });
  await once(socket, 'open');
  return {
    socket,
    received,
    latest: () => received.at(-1)?.message,
    send: (message) => socket.send(JSON.stringify(message)),
    closed,
    isOpen: () => socket.readyState === WebSocket.OPEN,
    [Symbol.dispose]: () => socket.terminate(),
  };
}
