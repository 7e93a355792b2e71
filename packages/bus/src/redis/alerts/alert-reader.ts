import { type Cursor, type EndedEpisode, parseCursor, START_CURSOR } from '@booner/protocol';
import { alertsKey, EPISODES_KEY } from '@booner/protocol/redis-names';
import { ALL_SHARDS, SHARDS } from '@booner/protocol/shard';
import type { Redis } from 'ioredis';
import type { EpisodePage, EpisodeQuery, ReadAlert } from '../../alert-ports.ts';
import { readAlert, readEpisodeFields } from '../../stored-alerts.ts';
import { accept, type OnRejected } from '../../stored-values.ts';
import { rethrow } from '../connection/client.ts';
import { readBatch } from '../connection/read-batch.ts';
import { pause } from '../connection/scan-keys.ts';
import { fieldsOf } from '../connection/stream-fields.ts';

/** Shards that are read at a time, so that no answer is large. */
const SHARDS_PER_BATCH = 8;
/** Values parsed before the event loop gets a turn: at most some 8 ms of work. */
const VALUES_PER_TURN = 250;

/** Reads alerts and episodes. All methods reject with BusError. */
export function createAlertReader(redis: Redis, onRejected: OnRejected, signal: AbortSignal) {
  return {
    readAlerts: async (): Promise<readonly ReadAlert[]> => {
      const alerts: ReadAlert[] = [];
      let parsed = 0;
      for (let start = 0; start < SHARDS; start += SHARDS_PER_BATCH) {
        const replies = await readBatch(redis, (pipeline) => {
          for (const shard of ALL_SHARDS.slice(start, start + SHARDS_PER_BATCH)) {
            pipeline.hgetall(alertsKey(shard));
          }
        });
        const stored = replies.flatMap(([, hash]) => Object.entries((hash ?? {}) as Record<string, string>));
        for (const [field, text] of stored) {
          const alert = accept(readAlert(field, text), onRejected);
          if (alert !== null) alerts.push(alert);
          parsed += 1;
          if (parsed % VALUES_PER_TURN === 0) await pause(signal);
        }
      }
      return alerts;
    },

    readEpisodes: async ({ limit, before, accepts = () => true }: EpisodeQuery): Promise<EpisodePage> => {
      const found: { readonly cursor: Cursor; readonly episode: EndedEpisode }[] = [];
      // Redis rejects a range that ends before it.
      let end = before === START_CURSOR ? null : before === undefined ? '+' : `(${before}`;
      while (end !== null && found.length <= limit) {
        const entries = await redis
          .xrevrange(EPISODES_KEY, end, '-', 'COUNT', VALUES_PER_TURN)
          .catch(rethrow);
        for (const [id, flat] of entries) {
          const cursor = parseCursor(id) as Cursor;
          const episode = accept(readEpisodeFields(cursor, fieldsOf(flat)), onRejected);
          if (episode !== null && accepts(episode)) found.push({ cursor, episode });
        }
        end = entries.length < VALUES_PER_TURN ? null : `(${entries.at(-1)?.[0]}`;
        await pause(signal);
      }
      return {
        episodes: found.slice(0, limit).map(({ episode }) => episode),
        next: found.length > limit ? (found[limit - 1]?.cursor ?? null) : null,
      };
    },
  };
}
