import type { BusConnection } from '@booner/bus';

/** If an echo is older than this, samples do not arrive either. */
const STALE_ECHO_MS = 10_000;

export type Readiness = {
  readonly ready: boolean;
  readonly reason: string | null;
  readonly busEchoAgeMs: number | null;
  /** Sentences about what fails without keeping the hub from serving clients. */
  readonly warnings: readonly string[];
};

export type ReadinessInput = {
  readonly connection: BusConnection;
  readonly busEchoAgeMs: number | null;
  /** True once the fleet and the tasks have been read from the bus. */
  readonly isLoaded: boolean;
  readonly warnings: readonly string[];
  readonly nowMs: number;
};

/**
 * Reports the hub as ready if it is connected to the bus, has caught up, and has seen a recent
 * echo.
 */
export function readiness(input: ReadinessInput): Readiness {
  const reason = reasonAgainst(input);
  const { busEchoAgeMs, warnings } = input;
  return { ready: reason === null, reason, busEchoAgeMs, warnings };
}

function reasonAgainst({ connection, busEchoAgeMs, isLoaded, nowMs }: ReadinessInput): string | null {
  const seconds = Math.round((nowMs - connection.sinceMs) / 1000);
  switch (connection.state) {
    case 'connecting':
      return `connecting to Redis for ${seconds} s`;
    case 'disconnected':
      return `Redis has been unavailable for ${seconds} s: ${connection.reason}`;
    case 'connected':
      if (busEchoAgeMs === null) return 'Redis has not answered yet';
      if (busEchoAgeMs > STALE_ECHO_MS)
        return `Redis has not answered for ${Math.round(busEchoAgeMs / 1000)} s`;
      return isLoaded ? null : 'the hub is still reading the fleet and the tasks from Redis';
    default:
      return connection satisfies never;
  }
}
