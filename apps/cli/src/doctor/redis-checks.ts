import { revealRedis } from '@booner/bus/redis/config';
import { connectionOptions } from '@booner/bus/redis/connection-options';
import { parseRedisUrl } from '@booner/bus/redis/url';
import { Redis, type RedisOptions } from 'ioredis';
import { checkCertificate } from './certificate.ts';
import type { Check, Said } from './check.ts';
import { checkName, checkPort, type Endpoint } from './endpoint.ts';
import { checkEcho, checkLatency } from './redis-behaviour.ts';
import { checkLogin } from './redis-login.ts';
import type { FoundRedis } from './redis-settings.ts';
import { checkMemory, checkPersistence, checkVersion, readInfo } from './redis-state.ts';

/** Everything between here and Redis, and how Redis is set up. Disposing of it closes the connection. */
export function redisChecks({
  config,
  from,
}: FoundRedis): { readonly checks: readonly Check[] } & Disposable {
  const settings = revealRedis(config);
  const address = parseRedisUrl(settings.url);
  const options: RedisOptions = connectionOptions(settings);
  const redis = new Redis(options);
  redis.on('error', () => undefined); // each command says what is wrong
  const endpoints = address.nodes.map(
    ({ host, port }): Endpoint => ({ what: address.masterName === null ? 'Redis' : 'Sentinel', host, port }),
  );
  const each = async (look: (endpoint: Endpoint) => Promise<Said>): Promise<readonly Said[]> =>
    Promise.all(endpoints.map(look));
  const tls: Check = {
    name: 'redis.tls',
    needs: ['redis.port'],
    look: () => each((endpoint) => checkCertificate(endpoint, settings.ca, 'REDIS_CA_FILE')),
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
      look: async () =>
        (await each(checkName)).map((said) => ({ ...said, detail: `${said.detail}, from ${from}` })),
    },
    {
      name: 'redis.port',
      needs: ['redis.name'],
      look: () => each((endpoint) => checkPort(endpoint, start(endpoint))),
    },
    ...(address.tls ? [tls] : []),
    {
      name: 'redis.login',
      needs: [address.tls ? 'redis.tls' : 'redis.port'],
      look: () => checkLogin(redis, user, from),
    },
    {
      name: 'redis.version',
      needs: ['redis.login'],
      look: async () => checkVersion(redis, await readOnce()),
    },
    {
      name: 'redis.persistence',
      needs: ['redis.login'],
      look: async () => checkPersistence(await readOnce()),
    },
    { name: 'redis.memory', needs: ['redis.login'], look: async () => checkMemory(await readOnce()) },
    { name: 'redis.echo', needs: ['redis.login'], look: () => checkEcho(redis, options) },
    { name: 'redis.latency', needs: ['redis.login'], look: () => checkLatency(redis) },
  ];
  return { checks, [Symbol.dispose]: () => redis.disconnect() };
}

const start = ({ host, port }: Endpoint) => ({
  local: `\`sudo systemctl start redis-server\`, then \`redis-cli -p ${port} ping\``,
  remote: `on ${host}: \`sudo systemctl start redis-server\`; if it runs, it listens on another address: \`bind\` and \`port\` in /etc/redis/redis.conf`,
});
