import type { HostId } from '@booner/protocol';
import { backoffDelayMs } from '@booner/protocol/backoff';
import { controlKey, queueKey, RUNNER_CONSUMER, RUNNER_GROUP } from '@booner/protocol/redis-names';
import { sleep } from '@booner/service/abort';
import type { Redis } from 'ioredis';
import { MAX_WAIT_MS } from '../../limits.ts';
import type { Rejection } from '../../ports.ts';
import { accept } from '../../stored-values.ts';
import type { RunnerListener } from '../../task-ports.ts';
import { isGroupGone } from '../connection/client.ts';
import { readControl, readOffer } from './runner-entries.ts';

const MAX_ENTRIES = 100;
/**
 * Interval in which all offers are delivered again. Entries that another runner read before it was
 * rejected would otherwise never be delivered.
 */
const OFFER_AGAIN_MS = 60_000;
const BACKOFF = { minMs: 100, maxMs: 5000 };

type Entry = readonly [id: string, fields: readonly string[] | null];

export type RunnerStreamsOptions = {
  readonly host: HostId;
  /** The connection that blocks. */
  readonly reads: Redis;
  readonly commands: Redis;
  readonly listener: Pick<RunnerListener, 'onOffer' | 'onControl'>;
  readonly onRejected: (rejection: Rejection) => void;
  /** Called if the streams do not exist: hubs create them after a `hello`. */
  readonly onMissing: () => void;
  readonly onRead: () => void;
  /** Called when a command failed: Redis refused it, or the connection is ending. */
  readonly onFailed: (error: unknown) => void;
  readonly random?: () => number;
};

export type RunnerStreams = ReturnType<typeof createRunnerStreams>;

/**
 * Reads the streams from hubs to the runner of a host until the signal aborts. Entries that arrive
 * later are left for the next reader.
 */
export function createRunnerStreams(options: RunnerStreamsOptions, signal: AbortSignal) {
  const { host, reads, commands, listener, onRejected, onMissing, onRead, onFailed, random } = options;
  const control = controlKey(host);
  const queue = queueKey(host);

  const read = async (
    streams: Readonly<Record<string, string>>,
    redis = reads,
  ): Promise<ReadonlyMap<string, Entry[]>> => {
    const reply = await redis.xreadgroup(
      ...([
        'GROUP',
        RUNNER_GROUP,
        RUNNER_CONSUMER,
        'COUNT',
        MAX_ENTRIES,
        'BLOCK',
        MAX_WAIT_MS,
        'STREAMS',
      ] as const),
      ...Object.keys(streams),
      ...Object.values(streams),
    );
    return new Map((reply ?? []) as [key: string, Entry[]][]);
  };
  const deliver = async (found: ReadonlyMap<string, Entry[]>) => {
    if (signal.aborted) return;
    const messages = found.get(control) ?? [];
    for (const [id, fields] of messages) {
      const message = fields === null ? null : accept(readControl(id, fields), onRejected);
      if (message !== null) listener.onControl(message);
    }
    for (const [id, fields] of found.get(queue) ?? []) {
      const offer = fields === null ? null : accept(readOffer(id, fields), onRejected);
      if (offer !== null) listener.onOffer(offer);
    }
    if (messages.length === 0) return;
    const ids = messages.map(([id]) => id);
    await Promise.all([commands.xack(control, RUNNER_GROUP, ...ids), commands.xdel(control, ...ids)]);
  };
  /** Delivers the entries of one stream that were delivered before. */
  const deliverPending = async (key: string, redis?: Redis) => {
    for (let after = '0'; !signal.aborted; ) {
      const found = await read({ [key]: after }, redis);
      const last = found.get(key)?.at(-1);
      if (last === undefined) return;
      await deliver(found);
      after = last[0];
    }
  };

  const failed = (error: unknown) => {
    if (isGroupGone(error)) onMissing();
    else onFailed(error);
  };

  return {
    /** Delivers unacknowledged entries first, then new ones. */
    follow: async (): Promise<void> => {
      let offeredAtMs = Number.NEGATIVE_INFINITY;
      for (let failures = 0; !signal.aborted; ) {
        try {
          if (performance.now() - offeredAtMs >= OFFER_AGAIN_MS) {
            await deliverPending(control);
            await deliverPending(queue);
            offeredAtMs = performance.now();
          }
          await deliver(await read({ [control]: '>', [queue]: '>' }));
          failures = 0;
          onRead();
        } catch (error) {
          failed(error);
          offeredAtMs = Number.NEGATIVE_INFINITY;
          await sleep(backoffDelayMs(failures++, BACKOFF, random), signal);
        }
      }
    },
    /** Delivers all waiting offers again, while {@link follow} may be blocked. */
    offerAgain: (): Promise<void> => deliverPending(queue, commands).catch(failed),
  };
}
