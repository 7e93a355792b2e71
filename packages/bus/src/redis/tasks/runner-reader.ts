import type { HostId } from '@booner/protocol';
import { hostOfRunnerKey, RUNNER_PATTERN, runnerConflictKey, runnerKey } from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import { readPresence, reject } from '../../stored-values.ts';
import type { Runner } from '../../task-ports.ts';
import { rethrow } from '../connection/client.ts';
import { isWrongType, readBatch } from '../connection/read-batch.ts';
import { pause, scanKeys } from '../connection/scan-keys.ts';
import type { OnRejected } from './task-reader.ts';

/** Presences read in one round trip, and judged before the event loop has its turn. */
const BATCH_HOSTS = 100;

/** The runner of a host; `null` also for a presence that cannot be read. Rejects with BusError. */
export async function readRunner(redis: Redis, host: HostId, onRejected: OnRejected): Promise<Runner | null> {
  // Without a pipeline of its own, so that the commands of several callers share a write.
  const [stored, conflict] = await Promise.all([
    redis
      .getBuffer(runnerKey(host))
      .catch((error: unknown) => (isWrongType(error) ? undefined : rethrow(error))),
    redis.exists(runnerConflictKey(host)).catch(rethrow),
  ]);
  return judge(host, stored, conflict === 1, onRejected);
}

/** Of some hosts those that have a runner. Rejects with BusError. */
export async function readPresentHosts(redis: Redis, hosts: readonly HostId[]): Promise<ReadonlySet<HostId>> {
  const replies = await readBatch(redis, (pipeline) => {
    for (const host of hosts) pipeline.exists(runnerKey(host));
  });
  return new Set(hosts.filter((_, index) => replies[index]?.[1] === 1));
}

/** Every runner that offers an action, or all of them. Rejects with BusError. */
export async function findRunners(
  redis: Redis,
  action: string | undefined,
  onRejected: OnRejected,
  signal: AbortSignal,
): Promise<readonly Runner[]> {
  const hosts = [...(await scanKeys(redis, RUNNER_PATTERN, signal))].flatMap((key) => {
    const host = hostOfRunnerKey(key);
    if (host !== null) return [host];
    onRejected(reject('bad_host', null, 'a key of a runner names no valid host').rejection);
    return [];
  });
  const runners: Runner[] = [];
  for (let start = 0; start < hosts.length; start += BATCH_HOSTS) {
    runners.push(...(await readRunners(redis, hosts.slice(start, start + BATCH_HOSTS), onRejected)));
    await pause(signal);
  }
  if (action === undefined) return runners;
  return runners.filter(({ presence }) => presence.actions.some(({ name }) => name === action));
}

async function readRunners(
  redis: Redis,
  hosts: readonly HostId[],
  onRejected: OnRejected,
): Promise<Runner[]> {
  const replies = await readBatch(redis, (pipeline) => {
    for (const host of hosts) pipeline.getBuffer(runnerKey(host)).exists(runnerConflictKey(host));
  });
  return hosts.flatMap((host, index) => {
    const [error, stored] = replies[2 * index] as [Error | null, Buffer | null];
    const conflict = replies[2 * index + 1]?.[1] === 1;
    return judge(host, error === null ? stored : undefined, conflict, onRejected) ?? [];
  });
}

/** @param stored `null` without a key; `undefined` for a key that holds something else than a string */
function judge(
  host: HostId,
  stored: Buffer | null | undefined,
  conflict: boolean,
  onRejected: OnRejected,
): Runner | null {
  if (stored === null) return null;
  const reading =
    stored === undefined
      ? reject('wrong_shape', host, "the key of the runner's presence is no string")
      : readPresence(host, stored);
  if (reading.ok) return { host, presence: reading.value, conflict };
  onRejected(reading.rejection);
  return null;
}
