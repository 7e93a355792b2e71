import type { OutboxBus, OutboxEntry } from '@booner/bus';
import { createFailureLog, type Logger, retry, runLoop, sleep, unlessAborted } from '@booner/service';
import type { Feature } from '../../feature/feature.ts';
import { type ChannelOpenerDeps, createChannelOpener } from '../channels/channel-opener.ts';
import { sendNotification } from '../channels/channels.ts';
import { createAttempt, HAND_OVER, type Settlement } from './attempt-delivery.ts';
import { createChannelLanes } from './channel-lanes.ts';
import { createReleaseDigests } from './release-digests.ts';
import { createSendCounts } from './send-counts.ts';

/** Entries that a hub works on at a time. */
const MAX_IN_FLIGHT = 100;
const WAKE_INTERVAL_MS = 1000;
const MAX_WOKEN = 200;
const TAKE_OVER_INTERVAL_MS = 5000;
/** Longer than the longest attempt, of 20 s. */
const TAKE_OVER_AFTER_MS = 30_000;
const DIGEST_INTERVAL_MS = 5000;
const DEPTH_INTERVAL_MS = 10_000;
/** Positions that are remembered for the case that the bus gives their entries again. */
const MAX_STORED = 1000;
/** At the end: for attempts to get their answer, and then for what came of them to be stored. */
const ANSWER_GRACE_MS = 1500;
const STORE_GRACE_MS = 1000;
const LAST_GRACE_MS = 300;

export type SendOutboxDeps = Pick<ChannelOpenerDeps, 'sealingKey'> & {
  readonly outbox: OutboxBus;
  readonly settings: Pick<ChannelOpenerDeps, 'channels'> & {
    /** Reads the channels from the bus again. Rejects with BusError. */
    read(kinds: readonly 'channels'[]): Promise<void>;
  };
  /** URL of the hub, with a slash at its end. */
  readonly hubUrl: string;
  /** Of Booner. */
  readonly version: string;
  readonly log: Logger;
  /** Unix milliseconds. */
  readonly nowMs?: () => number;
  readonly random?: () => number;
  /** Time for which a channel that gets too many messages holds them back; default a minute. */
  readonly holdMs?: number;
  /** Age at which entries of another hub are taken over; default 30 s. */
  readonly takeOverAfterMs?: number;
};

/**
 * Sends what is in the outbox. Any number of hubs do so together. A notification is sent once,
 * unless its hub ends or loses the bus between the other side's answer and `finish`.
 */
export function sendOutbox(deps: SendOutboxDeps): Required<Pick<Feature, 'run' | 'metrics'>> {
  const { outbox, settings, sealingKey, hubUrl, version, log, holdMs } = deps;
  const { nowMs = Date.now, random = Math.random, takeOverAfterMs = TAKE_OVER_AFTER_MS } = deps;
  const { metrics, count, setDepth } = createSendCounts();
  const attempt = createAttempt({
    outbox,
    opener: createChannelOpener({ channels: () => settings.channels(), sealingKey }),
    refresh: shared(() => settings.read(['channels'])),
    lanes: createChannelLanes({ log, random }),
    send: (notification, channel, { signal }) => sendNotification(notification, channel, { version, signal }),
    count,
    nowMs,
    random,
  });
  const releaseDigests = createReleaseDigests({
    outbox,
    hubUrl,
    ...(holdMs === undefined ? {} : { holdMs }),
  });
  const failures = createFailureLog(log, {
    failing: 'notifications cannot be taken from the outbox, or put back',
    recovered: 'notifications can be taken from the outbox again',
  });
  /** By position. */
  const inFlight = new Map<string, Promise<void>>();
  /** Positions of entries that were taken off. What the bus gives may be older than that. */
  const stored = new Set<string>();
  const remember = (cursor: string) => {
    stored.add(cursor);
    const [oldest] = stored;
    if (stored.size > MAX_STORED && oldest !== undefined) stored.delete(oldest);
  };

  const store = (entry: OutboxEntry, settlement: Settlement): Promise<void> => {
    switch (settlement.type) {
      case 'finish':
        return outbox.finish(entry);
      case 'hold':
        return outbox.hold(entry);
      case 'postpone':
        return outbox.postpone(entry, settlement);
      case 'bury':
        return outbox.bury(entry, settlement.answer);
      default:
        return settlement satisfies never;
    }
  };

  return {
    metrics,
    run: async ({ signal }) => {
      const attempts = new AbortController();
      const stores = new AbortController();
      const job = failures.job();
      const handle = async (entry: OutboxEntry) => {
        try {
          const settlement = signal.aborted ? HAND_OVER : await attempt(entry, attempts);
          // Until it is stored, this hub must not take the entry again.
          const outcome = await retry(() => store(entry, settlement), { failures }, stores);
          if (outcome !== 'aborted') remember(entry.cursor);
          job.worked();
        } catch (error) {
          job.failed(error); // another hub, or this one, takes the entry over
        }
      };
      const start = (entries: readonly OutboxEntry[]) => {
        for (const entry of entries) {
          const { cursor } = entry;
          if (inFlight.has(cursor) || stored.has(cursor)) continue;
          inFlight.set(
            cursor,
            handle(entry).finally(() => inFlight.delete(cursor)),
          );
        }
      };
      const take = async () => {
        const free = MAX_IN_FLIGHT - inFlight.size;
        if (free <= 0) await unlessAborted(Promise.race(inFlight.values()), signal);
        else await unlessAborted(outbox.take(free).then(start), signal);
      };
      const takeOver = async () => {
        const free = MAX_IN_FLIGHT - inFlight.size;
        if (free > 0) start(await outbox.takeOver(takeOverAfterMs, free));
      };
      const readDepth = async () => setDepth(await outbox.depth());
      const ready = (until: AbortSignal) => {
        if (outbox.connection().state !== 'connected') setDepth(null);
        return outbox.whenConnected(until);
      };
      const repeat = (run: () => Promise<unknown>, intervalMs: number) =>
        runLoop(
          { run: () => unlessAborted(run(), signal), intervalMs, isAligned: true, ready, failures },
          { signal },
        );
      await Promise.all([
        runLoop({ run: take, ready, failures }, { signal }),
        repeat(takeOver, TAKE_OVER_INTERVAL_MS),
        repeat(() => outbox.wake(MAX_WOKEN), WAKE_INTERVAL_MS),
        repeat(releaseDigests, DIGEST_INTERVAL_MS),
        repeat(readDepth, DEPTH_INTERVAL_MS),
      ]);
      const ends = () => Promise.all(inFlight.values());
      await within(ANSWER_GRACE_MS, ends());
      attempts.abort();
      await within(STORE_GRACE_MS, ends());
      stores.abort();
      await within(LAST_GRACE_MS, ends());
    },
  };
}

/** Waits for a promise, but no longer than a time. */
async function within(ms: number, promise: Promise<unknown>): Promise<void> {
  const done = new AbortController();
  await Promise.race([promise.then(() => done.abort()), sleep(ms, done.signal)]);
}

/** Lets calls that come while one is under way share the next one. */
function shared(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const start = () => {
    next = null;
    const started = run().finally(() => {
      if (running === started) running = null;
    });
    running = started;
    return started;
  };
  return () => {
    if (running === null) return start();
    next ??= running.then(start, start);
    return next;
  };
}
