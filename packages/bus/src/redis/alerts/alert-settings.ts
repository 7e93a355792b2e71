import type { AlertSettingKind, JsonObject, Sha256 } from '@booner/protocol';
import { ALERT_SETTING_KEYS, alertLinkKey, HEARTBEATS_SEEN_KEY } from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import { readEpisodeIds, readSetting, settingText } from '../../stored-alerts.ts';
import { accept, type OnRejected } from '../../stored-values.ts';
import { rethrow } from '../connection/client.ts';
import { runScript } from '../connection/run-script.ts';
import { PUT_SETTING, REMOVE_SETTING } from './alert-scripts.ts';

/** Settings, heartbeats and links. All methods reject with BusError. */
export function createAlertSettings(redis: Redis, onRejected: OnRejected) {
  return {
    read: async (kind: AlertSettingKind): Promise<ReadonlyMap<string, JsonObject>> => {
      const stored = Object.entries(await redis.hgetall(ALERT_SETTING_KEYS[kind]).catch(rethrow));
      return new Map(
        stored.flatMap(([name, text]) => {
          const value = accept(readSetting(name, text), onRejected);
          return value === null ? [] : [[name, value] as const];
        }),
      );
    },
    put: async (kind: AlertSettingKind, name: string, value: JsonObject, max: number) => {
      const args = [kind, name, settingText(name, value), max];
      const isStored = (await runScript(redis, PUT_SETTING, [ALERT_SETTING_KEYS[kind]], args)) === 1;
      return isStored ? 'stored' : 'full';
    },
    remove: async (kind: AlertSettingKind, name: string): Promise<boolean> =>
      (await runScript(redis, REMOVE_SETTING, [ALERT_SETTING_KEYS[kind]], [kind, name])) === 1,

    beat: async (name: string, atMs: number): Promise<void> => {
      await redis.hset(HEARTBEATS_SEEN_KEY, name, atMs).catch(rethrow);
    },
    readBeats: async (): Promise<ReadonlyMap<string, number>> => {
      const stored = Object.entries(await redis.hgetall(HEARTBEATS_SEEN_KEY).catch(rethrow));
      const times = stored.map(([name, atMs]) => [name, Number(atMs)] as const);
      return new Map(times.filter(([, atMs]) => Number.isSafeInteger(atMs)));
    },

    putLink: async (hash: Sha256, episodes: readonly string[], ttlMs: number): Promise<void> => {
      const ttl = Math.max(1, Math.ceil(ttlMs));
      await redis.set(alertLinkKey(hash), JSON.stringify(episodes), 'PX', ttl).catch(rethrow);
    },
    takeLink: async (hash: Sha256): Promise<readonly string[] | null> => {
      const stored = await redis.getdel(alertLinkKey(hash)).catch(rethrow);
      return stored === null ? null : accept(readEpisodeIds(stored), onRejected);
    },
  };
}
