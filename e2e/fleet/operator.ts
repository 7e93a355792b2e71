import { Redis } from 'ioredis';

/** Opens an operator's connection, as `redis-cli` has one: it does not reconnect. */
export function connectOperator(url: string) {
  const redis = new Redis(url, { retryStrategy: null, disableClientInfo: true, connectionName: 'operator' });
  return { redis, [Symbol.dispose]: () => redis.disconnect() };
}

type Published = { readonly channel: string; readonly text: string; readonly atMs: number };

/** Records the messages that `PSUBSCRIBE booner:*` shows, with the monotonic time of arrival. */
export async function listenToBus(url: string) {
  const { redis, [Symbol.dispose]: disconnect } = connectOperator(url);
  const published: Published[] = [];
  redis.on('pmessage', (_pattern: string, channel: string, text: string) => {
    published.push({ channel, text, atMs: performance.now() });
  });
  await redis.psubscribe('booner:*');
  const ofHost = (host: string) => published.filter(({ channel }) => channel === `booner:metrics:${host}`);
  return { published, ofHost, [Symbol.dispose]: disconnect };
}
