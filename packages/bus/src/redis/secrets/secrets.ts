import { MAX_SECRETS } from '@booner/protocol/limits';
import { SEALED_SECRETS_KEY, SECRETS_KEY } from '@booner/protocol/redis-names';
import type { BusConnection } from '../../ports.ts';
import type { SecretBus } from '../../secret-ports.ts';
import { readSealedSecret, readStoredSecret, secretField } from '../../stored-secrets.ts';
import { accept, type OnRejected } from '../../stored-values.ts';
import { rethrow } from '../connection/client.ts';
import type { ConnectionScope } from '../connection/keep-connected.ts';
import { luaConstants } from '../connection/lua-constants.ts';
import { luaText } from '../connection/lua-text.ts';
import { startRedisSession } from '../connection/redis-session.ts';
import { defineScript, runScript } from '../connection/run-script.ts';
import type { JoinCommands } from '../connection/share-commands.ts';

export type RedisSecretsOptions = {
  readonly commands: JoinCommands;
  /** Called for transitions only. */
  readonly onConnection?: (connection: BusConnection) => void;
  /** Called for stored values that cannot be parsed and were left out. */
  readonly onRejected?: OnRejected;
  readonly random?: () => number;
};

const KEYS = [SECRETS_KEY, SEALED_SECRETS_KEY] as const;

const PUT_SECRETS = defineScript([
  ...luaConstants({ MAX_SECRETS }),
  luaText('connection/scripts/require-type'),
  luaText('secrets/scripts/put-secrets'),
]);

/** Starts a hub's side of secrets. Returns before it is connected. */
export function startRedisSecrets(
  { commands, onConnection, onRejected = () => {}, random }: RedisSecretsOptions,
  { signal }: { signal?: AbortSignal } = {},
): SecretBus {
  const open = async (scope: ConnectionScope) => {
    const redis = await commands(scope);
    await redis.hlen(SECRETS_KEY).catch(rethrow); // fails without the permissions
    return { session: { redis } };
  };
  const { side, use } = startRedisSession({ open, onConnection, random, signal });

  return {
    ...side,
    list: use(async ({ redis }) => {
      const stored = Object.entries(await redis.hgetall(SECRETS_KEY).catch(rethrow));
      return stored.flatMap(([field, text]) => accept(readStoredSecret(field, text), onRejected) ?? []);
    }),
    read: use(async ({ redis }, host, names) => {
      if (names.length === 0) return new Map();
      const fields = names.map((name) => secretField({ name, host }));
      const [texts, sealed] = await Promise.all(KEYS.map((key) => redis.hmget(key, ...fields))).catch(
        rethrow,
      );
      return new Map(
        names.flatMap((name, index) => {
          const text = texts?.[index] ?? null;
          const stored = text === null ? null : accept(readStoredSecret(fields[index]!, text), onRejected);
          const secret = stored && accept(readSealedSecret(stored, sealed?.[index] ?? null), onRejected);
          return secret === null ? [] : [[name, secret] as const];
        }),
      );
    }),
    put: use(async ({ redis }, name, secrets, by) => {
      const args = secrets.flatMap(({ host, runnerKey, sealed }) => [
        secretField({ name, host }),
        JSON.stringify({ name, host, runnerKey, ...by }),
        sealed,
      ]);
      return (await runScript(redis, PUT_SECRETS, KEYS, args)) as 'stored' | 'full';
    }),
    remove: use(async ({ redis }, places) => {
      if (places.length === 0) return;
      const fields = places.map(secretField);
      // What is sealed goes first: without it, a secret that is still listed is not set.
      await redis.hdel(SEALED_SECRETS_KEY, ...fields).catch(rethrow);
      await redis.hdel(SECRETS_KEY, ...fields).catch(rethrow);
    }),
  };
}
