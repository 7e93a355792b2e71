import { once } from 'node:events';
import { type TaskEvent, type TaskMap, type TaskServerMessage, V2_SUBPROTOCOL } from '@booner/protocol';
import { WebSocket } from 'ws';
import { monotonicUs } from '../measure/monotonic-us.ts';

export const TASK_STREAM_PATH = '/ws/tasks/updates';
const CONNECT_TIMEOUT_MS = 10_000;

type WatchOptions = {
  readonly port: number;
  /** The connection was lost, or the hub sent an error. */
  readonly onProblem: (problem: string) => void;
};

/**
 * Connects a client of version 2 that reads each event. Resolves when it has the snapshot, which
 * contains none of the tasks to come.
 */
export async function watchEvents({
  port,
  onProblem,
  onEvent,
}: WatchOptions & { readonly onEvent: (event: TaskEvent, atUs: number) => void }): Promise<void> {
  const snapshot = Promise.withResolvers<void>();
  await watch({ port, onProblem }, [V2_SUBPROTOCOL], (data, atUs) => {
    const message = JSON.parse(data) as TaskServerMessage;
    if (message.type === 'event') onEvent(message, atUs);
    else if (message.type === 'snapshot') snapshot.resolve();
    else onProblem(`the hub sent ${data.slice(0, 200)}`);
  });
  await snapshot.promise;
}

/** A client of version 1 that reads each map. Resolves when it has the first. */
export async function watchMaps({
  port,
  onProblem,
  onMap,
}: WatchOptions & { readonly onMap: (map: TaskMap, atUs: number) => void }): Promise<void> {
  const first = Promise.withResolvers<void>();
  await watch({ port, onProblem }, [], (data, atUs) => {
    onMap(JSON.parse(data) as TaskMap, atUs);
    first.resolve();
  });
  await first.promise;
}

async function watch(
  { port, onProblem }: WatchOptions,
  subprotocols: string[],
  onMessage: (data: string, atUs: number) => void,
): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${TASK_STREAM_PATH}`, subprotocols, {
    handshakeTimeout: CONNECT_TIMEOUT_MS,
    perMessageDeflate: false,
  });
  socket.on('message', (data) => {
    const atUs = monotonicUs(); // before it is parsed: that is the client's own time
    onMessage(String(data), atUs);
  });
  await once(socket, 'open');
  socket.on('error', (error) => onProblem(error.message));
  socket.on('close', (code) => onProblem(`a client was closed with ${code}`));
}
