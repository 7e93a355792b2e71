import type { Backfill, HostId, Measurements, Sample } from '@booner/protocol';
import { sleep, unlessAborted } from '@booner/service/abort';
import { createFailureLog } from '@booner/service/failure-log';
import type { Logger } from '@booner/service/logger';
import { runLoop } from '@booner/service/run-loop';
import { BusError } from './bus-error.ts';
import type { SamplePublisher } from './ports.ts';

/** The first sample waits this long for the connection. A dead bus must not delay the schedule. */
const CONNECT_WAIT_MS = 2000;
/** Requests of hubs are read after every tenth sample: each 30 s by default. */
const BACKFILL_EVERY = 10;
/** The first sample waits this long for the inventory that hubs show beside it. */
const DESCRIBE_WAIT_MS = 10_000;

/** Keeps the last samples of a host. Times are Unix milliseconds by this process's clock. */
export type Backlog = {
  add(atMs: number, intervalMs: number, measurements: Measurements): void;
  /** Returns the minutes that touch [fromMs, toMs). */
  minutes(fromMs: number, toMs: number): Backfill;
};

export type PublishSamplesOptions = {
  readonly host: HostId;
  /** Id of this start of the agent. */
  readonly instance: string;
  readonly intervalMs: number;
  readonly sampler: { sample(): Promise<Measurements> };
  readonly publisher: SamplePublisher;
  /** Returns `takenAtMs` of the last inventory given to the publisher; `null` before the first. */
  readonly inventoryTakenAtMs: () => number | null;
  /** Settles once the publisher has an inventory. Absent if the host has none. */
  readonly described?: Promise<unknown>;
  /** Keeps samples for hubs that miss them. Absent: none are kept. */
  readonly backlog?: Backlog;
  readonly logger: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
  /** Unix milliseconds. */
  readonly now?: () => number;
};

/**
 * Samples and publishes until the signal aborts, then sends `bye`. The first sample is sent as soon
 * as the bus is connected and the host is described, so that no hub ever shows it without its
 * label. The others keep to the host's own slot: the instants at which Unix time modulo the
 * interval is {@link phaseMsOf} the host. This spreads a fleet evenly over the interval, and a host
 * that restarts finds its slot again. The second sample follows the first by 0.5 to 1.5 intervals.
 * A sample that cannot be published is dropped, and so are those that follow one which is still
 * being sent. The backlog keeps them all.
 * @returns within 2 s of the abort, even if the bus is dead
 */
export async function publishSamples(
  options: PublishSamplesOptions,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const {
    host,
    instance,
    intervalMs,
    sampler,
    publisher,
    inventoryTakenAtMs,
    described,
    backlog,
    logger,
    now = Date.now,
  } = options;
  let sequence = 0;
  let isFirst = true;

  let isAnswering = false;
  let answeredId: string | null = null;
  /** Sends samples that hubs missed, if they ask for any. */
  const answerRequest = async () => {
    if (backlog === undefined) return;
    isAnswering = true;
    try {
      const request = await publisher.readBackfillRequest();
      if (request?.id === answeredId) return;
      if (request === null) {
        await publisher.storeBackfill(null); // every hub has read it
        answeredId = null;
        return;
      }
      const backfill = backlog.minutes(request.fromMs, request.toMs);
      await publisher.storeBackfill({ id: request.id, ...backfill });
      answeredId = request.id;
      logger.info({ minutes: backfill.minutes.length }, 'samples that a hub missed were sent');
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      logger.debug({ reason: error.message }, 'requests of hubs cannot be read');
    } finally {
      isAnswering = false;
    }
  };

  // Samples that an outage drops are not failures: the log of the connection reports it.
  const publications = createFailureLog(logger, {
    failing: 'samples cannot be published',
    recovered: 'samples are published again',
  }).job();
  let sending: Promise<void> | null = null;
  /** Logs failures by itself: one may come long after the loop stopped waiting for it. */
  const send = async (sample: Sample) => {
    try {
      const outcome = await unlessAborted(publisher.publish(sample), signal);
      if (outcome === 'published') {
        publications.worked();
        if (isFirst) logger.info('first sample published');
        isFirst = false;
      }
    } catch (error) {
      publications.failed(error);
    }
    if (sample.sequence % BACKFILL_EVERY === 0 && !isAnswering) void answerRequest();
  };

  const publishOne = async () => {
    const measurements = await sampler.sample();
    if (signal.aborted) return;
    backlog?.add(now(), intervalMs, measurements);
    sequence += 1;
    if (sending !== null) return; // the network holds one back
    sending = send({
      type: 'sample',
      host,
      instance,
      sequence,
      sampledAtMs: now(),
      inventoryTakenAtMs: inventoryTakenAtMs(),
      intervalMs,
      ...measurements,
    }).finally(() => {
      sending = null;
    });
    await Promise.race([sending, sleep(intervalMs / 2, signal)]);
  };

  const job = createFailureLog(logger, {
    failing: 'no sample can be taken',
    recovered: 'samples are taken again',
  }).job();
  try {
    await Promise.all([
      Promise.race([publisher.whenConnected(signal), sleep(CONNECT_WAIT_MS, signal)]),
      described === undefined ? null : Promise.race([described, sleep(DESCRIBE_WAIT_MS, signal)]),
    ]);
    const startMs = performance.now();
    if (!signal.aborted) await publishOne().then(job.worked, job.failed);
    const sinceFirstMs = performance.now() - startMs;
    let phaseMs = untilSlotMs(now(), host, intervalMs);
    while (sinceFirstMs + phaseMs < intervalMs / 2) phaseMs += intervalMs;
    await runLoop({ run: publishOne, intervalMs, phaseMs, failures: { job: () => job } }, { signal });
  } finally {
    await publisher.bye(instance);
  }
}

/** Returns the milliseconds from `nowMs` to the next slot of the host. */
function untilSlotMs(nowMs: number, host: HostId, intervalMs: number): number {
  return (phaseMsOf(host, intervalMs) - (nowMs % intervalMs) + intervalMs) % intervalMs;
}

/**
 * Returns the slot of a host in the interval, from 0 to less than the interval: evenly spread over
 * hosts and the same at each start.
 */
export function phaseMsOf(host: HostId, intervalMs: number): number {
  let hash = 0x811c9dc5; // FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/
  for (let index = 0; index < host.length; index += 1) {
    hash = Math.imul(hash ^ host.charCodeAt(index), 0x01000193);
  }
  // Finalizer of MurmurHash3 (fmix32): FNV alone puts neighbouring addresses into neighbouring
  // slots.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  hash = (hash ^ (hash >>> 16)) >>> 0;
  return (hash / 2 ** 32) * intervalMs;
}
