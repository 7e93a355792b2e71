import { revealRedis } from '@booner/bus/redis/config';
import { connectionOptions } from '@booner/bus/redis/connection-options';
import { parseRedisUrl } from '@booner/bus/redis/url';
import { Redis, type RedisOptions } from 'ioredis';
import { checkCertificate } from './certificate.ts';
import type { Check, CheckResult } from './check.ts';
import { checkName, checkPort, type Endpoint } from './endpoint.ts';
import { checkEcho, checkLatency } from './redis-behaviour.ts';
import { checkLogin } from './redis-login.ts';
import type { FoundRedis } from './redis-settings.ts';
import { checkMemory, checkPersistence, readInfo } from './redis-state.ts';
import { checkVersion } from './redis-version.ts';

/** Returns the checks of the path to Redis and of its setup. Disposing closes the connection. */
export function redisChecks({
  config,
  from,
}: FoundRedis): { readonly checks: readonly Check[] } & Disposable {
  const settings = revealRedis(config);
  const address = parseRedisUrl(settings.url);
  const options: RedisOptions = connectionOptions(settings);
  const redis = new Redis(options);
  redis.on('error', () => undefined); // each command reports its own error
  const endpoints = address.nodes.map(
    ({ host, port }): Endpoint => ({ what: address.masterName === null ? 'Redis' : 'Sentinel', host, port }),
  );
  const each = async (check: (endpoint: Endpoint) => Promise<CheckResult>): Promise<readonly CheckResult[]> =>
    Promise.all(endpoints.map(check));
  const tls: Check = {
    name: 'redis.tls',
    needs: ['redis.port'],
    run: () => each((endpoint) => checkCertificate(endpoint, settings.ca, 'REDIS_CA_FILE')),
  };
  const user = options.username ?? null;
  let info: Promise<ReadonlyMap<string, string> | null> | undefined;
  const readOnce = () => {
    info ??= readInfo(redis);
    return info;
  };
  const checks: Check[] = [
    {
      name: 'redis.name',
      run: async () =>
        (await each(checkName)).map((result) => ({ ...result, detail: `${result.detail} (from ${from})` })),
    },
    {
      name: 'redis.port',
      needs: ['redis.name'],
      run: () => each((endpoint) => checkPort(endpoint, start(endpoint))),
    },
    ...(address.tls ? [tls] : []),
    {
      name: 'redis.login',
      needs: [address.tls ? 'redis.tls' : 'redis.port'],
      run: () => checkLogin(redis, user, from),
    },
    {
      name: 'redis.version',
      needs: ['redis.login'],
      run: async () => checkVersion(redis, await readOnce()),
    },
    {
      name: 'redis.persistence',
      needs: ['redis.login'],
      run: async () => checkPersistence(await readOnce()),
    },
    { name: 'redis.memory', needs: ['redis.login'], run: async () => checkMemory(await readOnce()) },
    { name: 'redis.echo', needs: ['redis.login'], run: () => checkEcho(redis, options) },
    { name: 'redis.latency', needs: ['redis.login'], run: () => checkLatency(redis) },
  ];
  return { checks, [Symbol.dispose]: () => redis.disconnect() };
}

const start = ({ host, port }: Endpoint) => ({
  local: `run \`sudo systemctl start redis-server\`, then \`redis-cli -p ${port} ping\``,
  remote: `on ${host}, run \`sudo systemctl start redis-server\`; if it is running, check \`bind\` and \`port\` in /etc/redis/redis.conf`,
});
