import type { LeaseBus } from '@booner/bus';
import { ALL_SHARDS, type Shard } from '@booner/protocol/shard';
import { createFailureLog, type Logger, runLoop } from '@booner/service';
import type { Feature } from '../../feature/feature.ts';
import { sendRequest } from '../channels/outgoing-request.ts';
import { createRedact } from '../channels/redact.ts';

const INTERVAL_MS = 60_000;
/** Its holder makes the request, so one hub of all does. */
const SHARD = ALL_SHARDS[0] as Shard;

export type WatchdogDeps = {
  readonly url: URL;
  readonly leases: Pick<LeaseBus, 'leaseOf'>;
  /** True while this hub receives nothing. */
  readonly isBlind: () => boolean;
  /** Of Booner. */
  readonly version: string;
  readonly log: Logger;
  readonly intervalMs?: number;
};

/** The service behind the URL did not take a request. */
class WatchdogError extends Error {
  readonly code = 'watchdog_failed';
  readonly failureKind = 'expected';
}

/**
 * Requests a URL once a minute while the hubs work, for a service that notifies people when the
 * requests end: nobody else would tell that all hubs are down.
 */
export function createWatchdog(deps: WatchdogDeps): Required<Pick<Feature, 'run'>> {
  const { url, leases, isBlind, version, log, intervalMs = INTERVAL_MS } = deps;
  const redact = createRedact([url.href]);
  const failures = createFailureLog(log, {
    failing: 'the watchdog URL cannot be requested: its service may report that Booner is down',
    recovered: 'the watchdog URL can be requested again',
  });
  return {
    run: ({ signal }) => {
      const request = async () => {
        if (isBlind() || leases.leaseOf(SHARD) === null) return;
        const outcome = await sendRequest(
          { method: 'GET', url: url.href, headers: {}, body: '' },
          { version, signal, redact, allowPrivate: true },
        );
        if (outcome.type !== 'delivered' && !signal.aborted) throw new WatchdogError(outcome.answer);
      };
      return runLoop({ run: request, intervalMs, failures }, { signal });
    },
  };
}
