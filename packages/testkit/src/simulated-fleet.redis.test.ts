import { metricsMessageSchema } from '@booner/protocol';
import { METRICS_PATTERN, targetKey } from '@booner/protocol/redis-names';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { startRedis } from './redis-server.ts';
import { startSimulatedFleet } from './simulated-fleet.ts';

const INTERVAL_MS = 300;

it('publishes host by host, each once an interval, except for silenced ones', async () => {
  await using redis = await startRedis();
  const listener = new Redis(redis.url);
  await using stack = new AsyncDisposableStack();
  stack.defer(() => listener.disconnect());
  const received: string[] = [];
  listener.on('pmessage', (_pattern, _channel, text: string) => {
    const message = metricsMessageSchema.parse(JSON.parse(text));
    if (message.type === 'sample') received.push(message.host);
  });
  await listener.psubscribe(METRICS_PATTERN);
  await using fleet = await startSimulatedFleet({
    redisUrl: redis.url,
    count: 5,
    intervalMs: INTERVAL_MS,
    shape: (index) => (index === 2 ? { label: 'the third' } : {}),
  });
  const untilReceived = (count: number) =>
    eventually(() => received.length >= count, { what: `${count} samples` });
  await untilReceived(20);
  // All at once at the start, then one after the other: no host is two ahead of another.
  const counts = fleet.hosts.map((host) => received.slice(0, 20).filter((each) => each === host).length);
  expect(counts).toEqual([4, 4, 4, 4, 4]);

  const third = fleet.hosts[2]!;
  fleet.silence(third);
  await untilReceived(received.length + 1); // what was on its way
  received.length = 0;
  await untilReceived(12);
  expect(received).not.toContain(third);
  fleet.resume(third);
  await eventually(() => received.includes(third), { what: 'the third host' });

  const reader = stack.adopt(new Redis(redis.url), (each) => each.disconnect());
  const inventory = await reader.hget(targetKey(third), 'inventory');
  expect(inventory).toContain('the third');
});
