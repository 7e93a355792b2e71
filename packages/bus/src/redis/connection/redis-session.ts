import { BusError } from '../../bus-error.ts';
import type { BusSide } from '../../ports.ts';
import { type ConnectionScope, type KeepConnectedOptions, keepConnected } from './keep-connected.ts';

/** The result of `open` with the scope of its connection. */
export type InScope<T> = T & { readonly scope: ConnectionScope };

export type RedisSessionOptions<T> = Omit<KeepConnectedOptions, 'open'> & {
  /**
   * Sets up everything for one connection, or rejects with a BusError that says why not. MUST
   * settle soon after the scope's signal aborts.
   */
  readonly open: (scope: ConnectionScope) => Promise<{
    readonly session: T;
    /** Called once the connection has been reported as `connected`. */
    readonly onceReported?: () => void;
  }>;
};

export type RedisSession<T> = {
  /** The part that all ports share. */
  readonly side: BusSide;
  /** The result of `open` for the connection in use; `null` while there is none. */
  current(): InScope<T> | null;
  /**
   * Wraps a method that needs the connection. It rejects with BusError `disconnected` while there
   * is none, and leaves a master that became a replica: the next connection finds the new master.
   */
  use<A extends unknown[], R>(
    run: (session: InScope<T>, ...args: A) => Promise<R>,
  ): (...args: A) => Promise<R>;
};

/**
 * Keeps one user of Redis connected until it is disposed of. Returns before the connection is made.
 */
export function startRedisSession<T>({ open, ...options }: RedisSessionOptions<T>): RedisSession<T> {
  let current: InScope<T> | null = null;

  const link = keepConnected({
    ...options,
    open: async (scope) => {
      const { session, onceReported } = await open(scope);
      if (scope.signal.aborted) return undefined;
      scope.signal.addEventListener('abort', () => {
        current = null;
      });
      current = { ...session, scope };
      return onceReported;
    },
  });
  const connected = (): InScope<T> => {
    if (current !== null) return current;
    const connection = link.connection();
    const reason = connection.state === 'disconnected' ? connection.reason : 'not connected to Redis yet';
    throw new BusError('disconnected', reason);
  };

  return {
    side: {
      connection: link.connection,
      whenConnected: link.whenConnected,
      [Symbol.asyncDispose]: link.stop,
    },
    current: () => current,
    use:
      (run) =>
      async (...args) => {
        const session = connected();
        try {
          return await run(session, ...args);
        } catch (error) {
          leaveReplica(session.scope, error);
          throw error;
        }
      },
  };
}

/** Ends the connection if Redis refused a write because it is a read-only replica. */
export function leaveReplica(scope: ConnectionScope, error: unknown): void {
  if (error instanceof BusError && error.reply === 'READONLY') scope.end(error);
}
