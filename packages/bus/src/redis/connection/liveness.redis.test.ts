import { startRedis, startTcpProxy } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { makeSample } from '../../testing/contract/sample-factory.ts';
import { startConnectedBus, until } from '../../testing/test-bus.ts';

/** What the fault table demands of every process. */
const NOTICED_WITHIN_MS = 15_000;

// Nothing is published while the fault lasts: an idle hub and an agent between two samples notice by themselves.
describe.concurrent('a server that falls silent', () => {
  it.each(['frozen', 'behind a black hole'])(
    'is noticed within 15 s when it is %s, and used again after',
    async (fault) => {
      await using server = await startRedis();
      await using proxy = await startTcpProxy({ targetPort: server.port });
      await using bus = await startConnectedBus({ url: `redis://127.0.0.1:${proxy.port}` });
      const begin = fault === 'frozen' ? server.freeze : proxy.pause;
      const end = fault === 'frozen' ? server.thaw : proxy.resume;

      begin();
      const startMs = performance.now();
      const noticedMs: Record<string, number> = {};
      await until(
        'both sides to notice',
        () => {
          for (const [name, side] of Object.entries({ publisher: bus.publisher, fleet: bus.fleet })) {
            if (side.connection().state === 'disconnected') noticedMs[name] ??= performance.now() - startMs;
          }
          return Object.keys(noticedMs).length === 2;
        },
        20_000,
      );
      expect(Math.max(...Object.values(noticedMs))).toBeLessThan(NOTICED_WITHIN_MS);
      expect(await bus.publisher.publish(makeSample())).toBe('dropped');

      // At least one attempt meets the silent server, and must not wait for it for ever.
      await until('a new attempt', () => proxy.connections() >= 2);
      end();
      await until(
        'both sides to be back',
        () => [bus.publisher, bus.fleet].every((side) => side.connection().state === 'connected'),
        20_000,
      );
      await bus.publisher.publish(makeSample({ sequence: 2 }));
      await until('the sample', () => bus.heard.samples.at(-1)?.sequence === 2);
      expect(bus.heard.samples.filter(({ sequence }) => sequence === 1)).toEqual([]);
    },
  );

  it('ends a publish within its deadline', async () => {
    await using server = await startRedis();
    await using bus = await startConnectedBus({ url: server.url });
    server.freeze();
    const startMs = performance.now();
    expect(await bus.publisher.publish(makeSample())).toBe('dropped');
    expect(performance.now() - startMs).toBeLessThan(15_000);
    expect(bus.publisher.connection().state).toBe('disconnected');
  });

  it('ends a farewell within its deadline', async () => {
    await using server = await startRedis();
    await using bus = await startConnectedBus({ url: server.url });
    server.freeze();
    const startMs = performance.now();
    await bus.publisher.bye('instance-1');
    await bus.publisher[Symbol.asyncDispose]();
    expect(performance.now() - startMs).toBeLessThan(4500); // sooner than the connection gives up
  });
});
