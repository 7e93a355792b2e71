import type { BusConnection } from '@booner/bus';

/** An echo older than this means that samples do not arrive either. */
const STALE_ECHO_MS = 10_000;

export type Readiness = {
  readonly ready: boolean;
  readonly reason: string | null;
  readonly busEchoAgeMs: number | null;
};

/** Whether the hub can deliver: the bus is connected and its echo was seen lately. */
export function readiness(connection: BusConnection, busEchoAgeMs: number | null, nowMs: number): Readiness {
  return { ready: false, busEchoAgeMs, reason: null, ...verdict(connection, busEchoAgeMs, nowMs) };
}

function verdict(connection: BusConnection, echoAgeMs: number | null, nowMs: number): Partial<Readiness> {
  const seconds = Math.round((nowMs - connection.sinceMs) / 1000);
  switch (connection.state) {
    case 'connecting':
      return { reason: `connecting to the bus for ${seconds} s` };
    case 'disconnected':
      return { reason: `the bus has been away for ${seconds} s: ${connection.reason}` };
    case 'connected':
      if (echoAgeMs === null) return { reason: 'the bus has not answered yet' };
      if (echoAgeMs > STALE_ECHO_MS)
        return { reason: `the bus has not answered for ${Math.round(echoAgeMs / 1000)} s` };
      return { ready: true };
    default:
      return connection satisfies never;
  }
}
