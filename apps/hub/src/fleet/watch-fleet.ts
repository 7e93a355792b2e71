import type { FleetBus, FleetListener } from '@booner/bus';
import { createFailureLog, type Logger, runLoop } from '@booner/service';
import { logRejections } from '../buses/log-rejections.ts';
import type { Fleet } from './fleet.ts';
import type { Transition } from './fleet-changes.ts';
import type { StatusHistory } from './history.ts';

/** With two echoes a second, a target turns offline at most 0.7 s late. */
const UPDATE_INTERVAL_MS = 200;
/** More transitions at a time are logged as one line with their number. */
const MOST_LOGGED_AT_ONCE = 20;

export type FleetListenerDeps = {
  readonly fleet: Fleet;
  readonly history: Pick<StatusHistory, 'record'>;
  readonly log: Logger;
};

/**
 * Passes what the bus delivers to the fleet. Samples also go into the history, unless another agent
 * is shown for their host.
 */
export function fleetListener({ fleet, history, log }: FleetListenerDeps): FleetListener {
  const logRejection = logRejections(log);
  return {
    onSample: (sample, json) => {
      if (fleet.onSample(sample, json) !== 'ignored') history.record(sample.host, sample, sample.intervalMs);
    },
    onBye: (host, bye) => fleet.onBye(host, bye),
    onRemoved: (host) => fleet.onRemoved(host),
    onRegistration: (host, registration) => fleet.onRegistration(host, registration),
    onCatchUp: (targets, registrations) => {
      fleet.onCatchUp(targets, registrations);
      log.debug({ targets: targets.length, registrations: registrations.size }, 'caught up with the bus');
    },
    onRejected: (rejection) => {
      fleet.onRejected(rejection);
      logRejection(rejection);
    },
    onConnection: (connection) => {
      if (connection.state !== 'connected') fleet.setReceiving(false);
    },
  };
}

export type StatusUpdatesDeps = {
  readonly fleet: Fleet;
  readonly bus: Pick<FleetBus, 'lastEchoAgeMs'>;
  readonly log: Logger;
  readonly broadcast: () => Promise<void>;
};

/**
 * Updates statuses several times a second until the signal aborts. Broadcasts at once after a
 * transition and when the fleet has been loaded.
 */
export function runStatusUpdates(
  { fleet, bus, log, broadcast }: StatusUpdatesDeps,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  let wasLoaded = fleet.isLoaded;
  const update = async () => {
    fleet.updateStatuses(bus.lastEchoAgeMs());
    const transitions = fleet.takeTransitions();
    const isFirst = fleet.isLoaded && !wasLoaded;
    wasLoaded = fleet.isLoaded;
    if (transitions.length === 0 && !isFirst) return;
    logTransitions(log, transitions);
    await broadcast();
  };
  const failures = createFailureLog(log, {
    failing: 'statuses could not be updated',
    recovered: 'statuses are updated again',
  });
  return runLoop({ run: update, intervalMs: UPDATE_INTERVAL_MS, failures }, { signal });
}

function logTransitions(log: Logger, transitions: readonly Transition[]): void {
  if (transitions.length > MOST_LOGGED_AT_ONCE) {
    const count = (wanted: string) =>
      transitions.filter(({ entry, kind }) => kind === 'status' && entry.status === wanted).length;
    log.info({ active: count('active'), offline: count('offline') }, 'many targets changed their status');
    return;
  }
  for (const { entry, kind } of transitions) {
    const { host, status, conflicting } = entry;
    switch (kind) {
      case 'status':
        log.info({ host, status }, 'target changed its status');
        break;
      case 'removed':
        log.info({ host }, 'target removed');
        break;
      case 'described':
        log.debug({ host }, 'target described');
        break;
      case 'labels':
        log.debug({ host }, 'the labels of a target changed');
        break;
      case 'conflict':
        if (conflicting === null) log.info({ host }, 'only one agent claims this host id now');
        else
          log.warn({ host, instances: conflicting }, 'several agents claim one host id: set BOONER_HOST_ID');
        break;
      default:
        kind satisfies never;
    }
  }
}
