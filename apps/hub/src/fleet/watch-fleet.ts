import type { FleetBus, FleetListener } from '@booner/bus';
import type { HostId, Quarantine } from '@booner/protocol';
import { createFailureLog, type Logger, runLoop } from '@booner/service';
import { logRejections } from '../buses/log-rejections.ts';
import type { Fleet } from './fleet.ts';
import type { Transition } from './fleet-changes.ts';
import type { FleetObserver } from './measured.ts';

/** A target turns offline within two of these, and the time of an echo. */
const UPDATE_INTERVAL_MS = 250;
/** More transitions at a time are logged as one line with their number. */
const MOST_LOGGED_AT_ONCE = 20;

export type FleetListenerDeps = {
  readonly fleet: Fleet;
  readonly observer: Pick<FleetObserver, 'onMeasured'>;
  readonly onFlood: FleetListener['onFlood'];
  readonly log: Logger;
};

/**
 * Passes what the bus delivers to the fleet. Samples also go to the observer, unless another agent
 * is shown for their host.
 */
export function fleetListener({ fleet, observer, onFlood, log }: FleetListenerDeps): FleetListener {
  const logRejection = logRejections(log);
  return {
    accepts: (host) => fleet.accepts(host),
    onFlood,
    onSample: (sample, json) => {
      if (fleet.onSample(sample, json) === 'ignored') return;
      const { host: subject, intervalMs, instance } = sample;
      const version = fleet.get(subject)?.agentVersion ?? null;
      observer.onMeasured({ subject, measurements: sample, intervalMs, json, instance, version });
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
  readonly bus: Pick<FleetBus, 'lastEchoAgeMs' | 'requestEcho' | 'subscriptionIssue'>;
  readonly log: Logger;
  readonly broadcast: () => Promise<void>;
  /** Called after transitions have been logged. */
  readonly onTransitions: (transitions: readonly Transition[]) => void;
};

/**
 * Updates statuses several times a second until the signal aborts. Broadcasts at once after a
 * transition and when the fleet has been loaded.
 */
export function runStatusUpdates(
  { fleet, bus, log, broadcast, onTransitions }: StatusUpdatesDeps,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  let wasLoaded = false;
  let issue: string | null = null;
  const update = async () => {
    if (fleet.updateStatuses(bus.lastEchoAgeMs())) bus.requestEcho();
    const hadIssue = issue !== null;
    issue = bus.subscriptionIssue();
    if (hadIssue !== (issue !== null)) logSubscription(log, issue);
    const transitions = fleet.takeTransitions();
    const isFirst = fleet.isLoaded && !wasLoaded;
    wasLoaded = fleet.isLoaded;
    if (transitions.length === 0 && !isFirst) return;
    logTransitions(log, transitions);
    if (transitions.length > 0) onTransitions(transitions);
    await broadcast();
  };
  const failures = createFailureLog(log, {
    failing: 'statuses could not be updated',
    recovered: 'statuses are updated again',
  });
  const times = { intervalMs: UPDATE_INTERVAL_MS, isAligned: true };
  return runLoop({ run: update, ...times, failures }, { signal });
}

function logQuarantine(log: Logger, host: HostId, { reason, redisLine }: Quarantine): void {
  if (redisLine === null) log.warn({ host, reason }, 'target quarantined');
  else {
    log.warn(
      { host, reason, redisLine },
      'target quarantined, but this hub is not allowed to end its connections: run this line in redis-cli',
    );
  }
}

function logSubscription(log: Logger, reason: string | null): void {
  if (reason === null) log.info('samples are received live again');
  else
    log.warn(
      { reason },
      'samples cannot be received live: the last ones are read from Redis once an interval',
    );
}

function logTransitions(log: Logger, transitions: readonly Transition[]): void {
  if (transitions.length > MOST_LOGGED_AT_ONCE) {
    const count = (wanted: string) =>
      transitions.filter(({ entry, kind }) => kind === 'status' && entry.status === wanted).length;
    log.info({ active: count('active'), offline: count('offline') }, 'many targets changed their status');
    return;
  }
  for (const { entry, kind } of transitions) {
    const { host, status, conflicting, quarantine } = entry;
    switch (kind) {
      case 'status':
        log.info({ host, status }, 'target changed its status');
        break;
      case 'quarantine':
        if (quarantine === null) log.info({ host }, 'target released from quarantine');
        else logQuarantine(log, host, quarantine);
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
