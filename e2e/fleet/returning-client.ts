import { setTimeout as wait } from 'node:timers/promises';
import type { SystemStatus } from '@booner/protocol';
import { openStatusClient, type Received } from '@booner/testkit';

/** Upper bound of the pause between two attempts, drawn evenly. */
const RETRY_MS = 500;

/**
 * A client of version 1 that reconnects whenever its connection ends, and keeps everything received
 * on all of them.
 */
export type ReturningClient = AsyncDisposable & {
  readonly received: readonly Received<SystemStatus>[];
  /**
   * The newest message of the current connection; `undefined` before its first. Earlier messages
   * say nothing about the hub that answers now.
   */
  latest(): SystemStatus | undefined;
  isOpen(): boolean;
  /** Connections made so far. */
  connections(): number;
};

export function startReturningClient(hubUrl: string): ReturningClient {
  const stop = new AbortController();
  const stopped = new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()));
  const received: Received<SystemStatus>[] = [];
  let connections = 0;
  let isOpen = false;
  let latest: SystemStatus | undefined;

  const connectOnce = async () => {
    using client = await openStatusClient(hubUrl, { version: 1 });
    connections += 1;
    isOpen = true;
    const take = (message: Received<SystemStatus>) => {
      received.push(message);
      latest = message.message;
    };
    client.received.forEach(take);
    client.socket.on('message', () => take(client.received.at(-1) as Received<SystemStatus>));
    await Promise.race([client.closed, stopped]);
    isOpen = false;
    latest = undefined;
  };
  const run = async () => {
    while (!stop.signal.aborted) {
      try {
        await connectOnce();
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== 'ECONNREFUSED' && code !== 'ECONNRESET') throw error; // what a hub that is down answers
      }
      await Promise.race([wait(Math.random() * RETRY_MS), stopped]);
    }
  };
  const running = run();
  return {
    received,
    latest: () => latest,
    isOpen: () => isOpen,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}
