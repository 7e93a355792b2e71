import { randomBytes } from 'node:crypto';
import { Redis, type RedisOptions } from 'ioredis';
import { safeText } from '../terminal/safe-text.ts';
import { type CheckResult, fail, ok, skip, warn } from './check.ts';

const ECHO_DEADLINE_MS = 3000;
const PINGS = 20;
/** A round trip across a continent. */
const SLOW_MS = 100;

/** Checks that Redis delivers published messages, on a channel of its own. */
export async function checkEcho(redis: Redis, options: RedisOptions): Promise<CheckResult> {
  const channel = `booner:doctor:${randomBytes(6).toString('hex')}`;
  const subscriber = new Redis(options);
  subscriber.on('error', () => undefined);
  try {
    await subscriber.connect();
    await subscriber.subscribe(channel);
    const startMs = performance.now();
    const received = new Promise<boolean>((resolve) => {
      subscriber.on('message', () => resolve(true));
      setTimeout(resolve, ECHO_DEADLINE_MS, false).unref();
    });
    await redis.publish(channel, 'echo');
    if (!(await received))
      return fail(
        'Redis does not deliver published messages',
        'run `redis-cli client list type pubsub` to see the subscribers, then restart Redis',
      );
    return ok(`Redis delivers published messages (${Math.ceil(performance.now() - startMs)} ms)`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (/NOPERM/.test(reason)) return skip('this user may only publish on its own channels');
    return fail(
      `publishing to Redis failed (${safeText(reason)})`,
      'run `redis-cli info clients` to see whether it accepts connections',
    );
  } finally {
    subscriber.disconnect();
  }
}

/** Measures sequential round trips of PING. */
export async function checkLatency(redis: Redis): Promise<CheckResult> {
  const took: number[] = [];
  for (let count = 0; count < PINGS; count++) {
    const startMs = performance.now();
    try {
      await redis.ping();
    } catch (error) {
      return fail(
        `Redis closed the connection (${safeText((error as Error).message)})`,
        'run `journalctl -u redis-server -n 20` on its machine',
      );
    }
    took.push(performance.now() - startMs);
  }
  took.sort((a, b) => a - b);
  const median = took[Math.floor(PINGS / 2)] ?? 0;
  const text = `a round trip to Redis takes ${median.toFixed(1)} ms, ${(took.at(-1) ?? 0).toFixed(1)} ms at most`;
  return median > SLOW_MS
    ? warn(text, 'move Redis closer, or check `redis-cli --latency` and `redis-cli slowlog get`')
    : ok(text);
}
