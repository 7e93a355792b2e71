import { once } from 'node:events';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { LeaseBus } from '@booner/bus';
import { aborted, createFailureLog, type Logger, runLoop, unlessAborted } from '@booner/service';
import type { HubConfig } from '../config/config.ts';
import type { Feature } from '../feature/feature.ts';
import { MAIN_SERVER } from '../fleet/main-server.ts';
import type { FleetFeature } from '../fleet/start-fleet.ts';
import { HeldHosts } from './held-hosts.ts';
import { hostLabels } from './host-labels.ts';
import { createRemoteWriteCounts } from './remote-write-counts.ts';
import type { FromWorker, ToWorker, WorkerSettings } from './worker-messages.ts';

/** A program of its own: beside this file, or beside the bundle of the hub. */
const WORKER = join(import.meta.dirname, `remote-write-worker${extname(import.meta.filename)}`);
/** Rule of all stores: the disk never fills. */
const MIN_FREE_BYTES = 512 * 1024 * 1024;
/** Samples that the worker has not taken yet. More are dropped: it hangs, or the disk does. */
const MAX_WAITING = 20_000;
const CHECK_INTERVAL_MS = 1000;
/** The worker takes a second for its last request. */
const STOP_WITHIN_MS = 2000;

/** The worker thread ended: most likely, it cannot use its directory. */
class RemoteWriteError extends Error {
  readonly code = 'worker_failed';
  readonly failureKind = 'expected';
}

export type RemoteWriteDeps = {
  readonly buses: { readonly leases: LeaseBus };
  readonly config: Pick<HubConfig, 'remoteWrite' | 'stateDirectory'>;
  readonly fleet: Pick<FleetFeature, 'fleet' | 'onMeasured'>;
  readonly version: string;
  readonly log: Logger;
};

/**
 * Starts sending the samples of hosts to a store by Prometheus remote write, if the settings name
 * one. Each host's samples are sent by the hub that holds the lease of its shard.
 */
export function startRemoteWrite({ buses, config, fleet, version, log }: RemoteWriteDeps): Feature {
  const { remoteWrite, stateDirectory } = config;
  if (remoteWrite === null) return { routes: [] };
  const settings: WorkerSettings = {
    receiver: {
      url: remoteWrite.url.href,
      authorization: remoteWrite.authorization?.reveal() ?? null,
      version,
    },
    directory: join(stateDirectory, 'remote-write'),
    maxBytes: remoteWrite.maxQueueBytes,
    minFreeBytes: MIN_FREE_BYTES,
  };
  const counts = createRemoteWriteCounts();
  let worker: Worker | null = null;
  const post = (message: ToWorker) => worker?.postMessage(message);
  const flushes = new Map<number, () => void>();
  let lastFlush = 0;
  const flush = () =>
    new Promise<void>((resolve) => {
      if (worker === null) return resolve();
      const id = ++lastFlush;
      flushes.set(id, resolve);
      post({ type: 'flush', id });
    });
  const hosts = new HeldHosts({ leases: buses.leases, fleet: fleet.fleet, post, flush });

  fleet.onMeasured(({ subject, json }) => {
    if (subject === MAIN_SERVER || worker === null || !hosts.sends(subject)) return;
    if (counts.waiting() >= MAX_WAITING) return counts.dropUnsent();
    counts.posted();
    const labels = hostLabels(subject, fleet.fleet.get(subject)?.subject.operatorLabels ?? {});
    post({ type: 'sample', host: subject, labels, receivedAtMs: Date.now(), json });
  });

  const settleFlush = (id: number) => {
    flushes.get(id)?.();
    flushes.delete(id);
  };
  const onMessage = (message: FromWorker) => {
    switch (message.type) {
      case 'counts':
        counts.update(message.counts);
        break;
      case 'flushed':
        settleFlush(message.id);
        break;
      case 'problem':
        logProblem(log, message);
        break;
      default:
        message satisfies never;
    }
  };
  /** Resolves after the end that the signal asked for, and rejects if the worker fails. */
  const runWorker = async (signal: AbortSignal) => {
    const thread = new Worker(WORKER, { workerData: settings, name: 'remote-write' });
    thread.on('message', onMessage);
    const ended = once(thread, 'exit'); // rejects at an error
    ended.catch(() => {});
    counts.started();
    worker = thread;
    const unfollow = hosts.follow();
    try {
      if ((await unlessAborted(ended, signal)) !== 'aborted')
        throw new RemoteWriteError('the worker thread ended');
      hosts.endAll();
      post({ type: 'stop' });
      await Promise.race([ended, aborted(AbortSignal.timeout(STOP_WITHIN_MS))]);
    } catch (error) {
      if (error instanceof RemoteWriteError) throw error;
      throw new RemoteWriteError((error as Error).message, { cause: error });
    } finally {
      unfollow();
      worker = null;
      hosts.forgetAll();
      for (const id of flushes.keys()) settleFlush(id);
      await thread.terminate();
    }
  };

  const failures = createFailureLog(log, {
    failing: 'metrics cannot be sent by remote write',
    recovered: 'metrics are sent by remote write again',
  });
  const checks = createFailureLog(log, {
    failing: 'remote write could not look for offline targets',
    recovered: 'remote write looks for offline targets again',
  });
  return {
    routes: [],
    metrics: counts.metrics,
    run: ({ signal }) =>
      Promise.all([
        runLoop({ run: () => runWorker(signal), failures }, { signal }),
        runLoop(
          { run: () => hosts.endInactive(), intervalMs: CHECK_INTERVAL_MS, failures: checks },
          { signal },
        ),
      ]),
  };
}

function logProblem(log: Logger, { problem, reason }: Extract<FromWorker, { type: 'problem' }>): void {
  if (problem === 'failed') {
    if (reason === null) log.info('remote write: the receiver takes metrics again');
    else log.warn({ reason }, 'remote write: the receiver cannot be reached or fails; metrics wait on disk');
  } else if (problem === 'refused') {
    if (reason === null) log.info('remote write: the receiver refuses no metrics any more');
    else log.warn({ reason }, 'remote write: the receiver refuses metrics, which are dropped');
  } else if (reason === null) log.info('remote write: metrics can be stored again');
  else log.warn({ reason }, 'remote write: metrics cannot be stored on disk and are dropped');
}
