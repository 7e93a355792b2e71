import { randomBytes } from 'node:crypto';
import { Redis, type RedisOptions } from 'ioredis';
import { safeText } from '../terminal/safe-text.ts';
import { fail, ok, type Said, skip, warn } from './check.ts';

const ECHO_DEADLINE_MS = 3000;
const PINGS = 20;
/** A round trip over a continent. */
const SLOW_MS = 100;

/** Whether what is published is heard, by a channel of its own. */
export async function checkEcho(redis: Redis, options: RedisOptions): Promise<Said> {
  const channel = `booner:doctor:${randomBytes(6).toString('hex')}`;
  const subscriber = new Redis(options);
  subscriber.on('error', () => undefined);
  try {
    await subscriber.connect();
    await subscriber.subscribe(channel);
    const startMs = performance.now();
    const heard = new Promise<boolean>((resolve) => {
      subscriber.on('message', () => resolve(true));
      setTimeout(resolve, ECHO_DEADLINE_MS, false).unref();
    });
    await redis.publish(channel, 'echo');
    if (!(await heard))
      return fail(
        'what is published at Redis is not heard',
        '`redis-cli client list type pubsub` shows who listens; restart Redis',
      );
    return ok(`what is published is heard (${Math.ceil(performance.now() - startMs)} ms)`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (/NOPERM/.test(reason)) return skip('this user may publish on its own channels alone');
    return fail(
      `publishing at Redis fails (${safeText(reason)})`,
      '`redis-cli info clients` shows whether it takes connections',
    );
  } finally {
    subscriber.disconnect();
  }
}

/** Round trips of a ping, one after the other. */
export async function checkLatency(redis: Redis): Promise<Said> {
  const took: number[] = [];
  for (let count = 0; count < PINGS; count++) {
    const startMs = performance.now();
    try {
      await redis.ping();
    } catch (error) {
      return fail(
        `Redis went away (${safeText((error as Error).message)})`,
        '`journalctl -u redis-server -n 20` on its machine',
      );
    }
    took.push(performance.now() - startMs);
  }
  took.sort((a, b) => a - b);
  const median = took[Math.floor(PINGS / 2)] ?? 0;
  const text = `a round trip to Redis takes ${median.toFixed(1)} ms, at most ${(took.at(-1) ?? 0).toFixed(1)} ms`;
  return median > SLOW_MS
    ? warn(text, 'move Redis nearer, or look at `redis-cli --latency` and `redis-cli slowlog get`')
    : ok(text);
}
