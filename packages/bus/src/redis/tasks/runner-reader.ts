import { type HostId, runnerPresenceSchema } from '@booner/protocol';
import { hostOfRunnerKey, RUNNER_PATTERN, runnerConflictKey, runnerKey } from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { accept, MAX_VALUE_BYTES, type OnRejected, readValue, reject } from '../../stored-values.ts';
import type { Runner } from '../../task-ports.ts';
import { rethrow } from '../connection/client.ts';
import { isWrongType, readBatch } from '../connection/read-batch.ts';
import { pause, scanKeys } from '../connection/scan-keys.ts';

/** Presences read in one round trip. */
const BATCH_HOSTS = 100;
/** Bytes of presences parsed before the event loop gets a turn: 2 to 15 ms of work. */
const TURN_BYTES = MAX_VALUE_BYTES;

/**
 * Arguments that read a presence up to the first byte that is too many: runners can store any size.
 */
const startOfPresence = (host: HostId) => [runnerKey(host), 0, MAX_VALUE_BYTES] as const;

/** Generated code takes half of the time for a presence of the largest size. */
const compiledPresenceSchema = z.compile(runnerPresenceSchema);

/** Reads the presences of runners. All methods reject with BusError. */
export function createRunnerReader(redis: Redis, onRejected: OnRejected) {
  /** @param stored empty without a key; `undefined` for a key that is not a string */
  const parse = (host: HostId, stored: Buffer | undefined, conflict: boolean): Runner | null => {
    if (stored?.length === 0) return null;
    const reading =
      stored === undefined
        ? reject('wrong_shape', host, "the key of the runner's presence is not a string")
        : readValue(host, stored, compiledPresenceSchema);
    const presence = accept(reading, onRejected);
    return presence === null ? null : { host, presence, conflict };
  };
  const readMany = async (hosts: readonly HostId[], signal: AbortSignal): Promise<Runner[]> => {
    const replies = await readBatch(redis, (pipeline) => {
      for (const host of hosts)
        pipeline.getrangeBuffer(...startOfPresence(host)).exists(runnerConflictKey(host));
    });
    const runners: Runner[] = [];
    let turnBytes = 0;
    for (const [index, host] of hosts.entries()) {
      const [error, stored] = replies[2 * index] as [Error | null, Buffer | undefined];
      const bytes = stored?.length ?? 0;
      turnBytes += bytes;
      if (turnBytes > TURN_BYTES) {
        turnBytes = bytes;
        await pause(signal);
      }
      const conflict = replies[2 * index + 1]?.[1] === 1;
      const runner = parse(host, error === null ? stored : undefined, conflict);
      if (runner !== null) runners.push(runner);
    }
    return runners;
  };

  const readOne = async (host: HostId): Promise<Runner | null> => {
    // Without a pipeline of its own, so that the commands of several callers share a write.
    const [stored, conflict] = await Promise.all([
      redis
        .getrangeBuffer(...startOfPresence(host))
        .catch((error: unknown) => (isWrongType(error) ? undefined : rethrow(error))),
      redis.exists(runnerConflictKey(host)).catch(rethrow),
    ]);
    return parse(host, stored, conflict === 1);
  };
  /** Reads that began in this turn of the event loop: they are not sent before its end. */
  const begun = new Map<HostId, Promise<Runner | null>>();

  return {
    /**
     * The runner of a host; `null` also for a presence that cannot be parsed. Calls in one turn of
     * the event loop share an answer.
     */
    read: (host: HostId): Promise<Runner | null> => {
      if (begun.size === 0) setImmediate(() => begun.clear());
      const reading = begun.get(host) ?? readOne(host);
      begun.set(host, reading);
      return reading;
    },

    /** The subset of `hosts` that has a live runner. */
    readPresentHosts: async (hosts: readonly HostId[]): Promise<ReadonlySet<HostId>> => {
      const replies = await readBatch(redis, (pipeline) => {
        for (const host of hosts) pipeline.exists(runnerKey(host));
      });
      return new Set(hosts.filter((_, index) => replies[index]?.[1] === 1));
    },

    /** Every runner that offers an action; all of them without one. */
    find: async (action: string | undefined, signal: AbortSignal): Promise<readonly Runner[]> => {
      const hosts = [...(await scanKeys(redis, RUNNER_PATTERN, signal))].flatMap((key) => {
        const host = hostOfRunnerKey(key);
        if (host !== null) return [host];
        onRejected(reject('bad_host', null, 'a key of a runner does not name a valid host').rejection);
        return [];
      });
      const runners: Runner[] = [];
      for (let start = 0; start < hosts.length; start += BATCH_HOSTS) {
        runners.push(...(await readMany(hosts.slice(start, start + BATCH_HOSTS), signal)));
        await pause(signal);
      }
      if (action === undefined) return runners;
      return runners.filter(({ presence }) => presence.actions.some(({ name }) => name === action));
    },
  };
}
