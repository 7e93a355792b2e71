import type { FleetBus, FleetListener } from '@booner/bus';
import { type Logger, runInterval } from '@booner/service';
import { logRejections } from '../buses/log-rejections.ts';
import type { Fleet, Transition } from './fleet.ts';

/** With the echo of twice a second, a verdict comes at most 0.7 s after its time. */
const JUDGE_INTERVAL_MS = 200;
/** More transitions at a time are told as one line with their number. */
const MOST_LOGGED_AT_ONCE = 20;

/** Passes what comes from the bus to the fleet, with a log line for each kind of rejection. */
export function fleetListener(fleet: Fleet, log: Logger): FleetListener {
  const logRejection = logRejections(log);
  return {
    onSample: (sample, json) => fleet.onSample(sample, json),
    onBye: (host, bye) => fleet.onBye(host, bye),
    onRemoved: (host) => fleet.onRemoved(host),
    onCatchUp: (targets, registrations) => {
      fleet.onCatchUp(targets, registrations);
      log.debug({ targets: targets.length, registrations: registrations.size }, 'caught up with the bus');
    },
    onRejected: (rejection) => {
      fleet.onRejected(rejection);
      logRejection(rejection);
    },
    onConnection: (connection) => {
      if (connection.state !== 'connected') fleet.listen(false);
    },
  };
}

/** Judges the fleet several times a second and has transitions told at once, until the signal aborts. */
export function runVerdicts(
  { fleet, bus, log, tell }: { fleet: Fleet; bus: FleetBus; log: Logger; tell: () => Promise<void> },
  { signal }: { signal: AbortSignal },
): Promise<void> {
  let wasLoaded = fleet.isLoaded;
  const judge = async () => {
    fleet.judge(bus.lastEchoAgeMs());
    const transitions = fleet.takeTransitions();
    const isFirstPicture = fleet.isLoaded && !wasLoaded;
    wasLoaded = fleet.isLoaded;
    if (transitions.length === 0 && !isFirstPicture) return;
    logTransitions(log, transitions);
    await tell();
  };
  const onError = (error: unknown) => log.error({ err: error }, 'the fleet could not be judged');
  return runInterval(judge, { intervalMs: JUDGE_INTERVAL_MS, onError }, { signal });
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
      case 'conflict':
        if (conflicting === null) log.info({ host }, 'one agent claims this host id again');
        else
          log.warn({ host, instances: conflicting }, 'several agents claim one host id: set BOONER_HOST_ID');
        break;
      default:
        kind satisfies never;
    }
  }
}
