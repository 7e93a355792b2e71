import { MAX_HOOK_DELIVERIES } from '@booner/protocol';
import {
  HOOKS_KEY,
  HOOKS_VERSION_KEY,
  hookDeliveriesKey,
  hookStartedKey,
} from '@booner/protocol/redis-names';
import { DELIVERIES_TTL_MS, type HookBus, STARTED_TTL_MS } from '../../record-ports.ts';
import { HOOKS, readDelivery } from '../../stored-records.ts';
import { accept } from '../../stored-values.ts';
import { rethrow } from '../connection/client.ts';
import { readBatch } from '../connection/read-batch.ts';
import { defineRecords, type RedisRecordsOptions, startRecordSession } from '../records/records.ts';

const STORE = { kind: HOOKS, key: HOOKS_KEY, versionKey: HOOKS_VERSION_KEY };

const hookMethods = defineRecords(STORE);

/** Starts a hub's side of hooks. Returns before it is connected. */
export function startRedisHooks(
  options: RedisRecordsOptions,
  { signal }: { signal?: AbortSignal } = {},
): HookBus {
  const { onRejected = () => {} } = options;
  const { side, use } = startRecordSession(STORE, options, signal);
  return {
    ...side,
    ...hookMethods(use, onRejected),
    noteDelivery: use(async ({ redis }, name, delivery) => {
      const key = hookDeliveriesKey(name);
      await readBatch(redis, (pipeline) => {
        // The mark first: without it, the delivery could start another rollout.
        if (delivery.rolloutId !== null)
          pipeline.set(hookStartedKey(delivery.rolloutId), '1', 'PX', STARTED_TTL_MS);
        pipeline.lpush(key, JSON.stringify(delivery));
        pipeline.ltrim(key, 0, MAX_HOOK_DELIVERIES - 1);
        pipeline.pexpire(key, DELIVERIES_TTL_MS);
      });
    }),
    wasStarted: use(async ({ redis }, id) => (await redis.exists(hookStartedKey(id)).catch(rethrow)) === 1),
    readDeliveries: use(async ({ redis }, names, count) => {
      if (names.length === 0) return [];
      const replies = await readBatch(redis, (pipeline) => {
        for (const name of names) pipeline.lrange(hookDeliveriesKey(name), 0, count - 1);
      });
      return replies.map(([, texts], index) =>
        ((texts as string[] | null) ?? []).flatMap(
          (text) => accept(readDelivery(names[index] as string, text), onRejected) ?? [],
        ),
      );
    }),
    removeDeliveries: use(async ({ redis }, name) => {
      await redis.unlink(hookDeliveriesKey(name)).catch(rethrow);
    }),
  };
}
