import { startRedis, startTcpProxy } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { untilConnected } from '../../testing/contract/connection-contract.ts';
import { makeSample } from '../../testing/contract/sample-factory.ts';
import { startConnectedBus, until } from '../../testing/test-bus.ts';

// Nothing is published during the outage: an idle hub, and an agent between two samples, notice it
// by themselves.
describe.concurrent('a server that falls silent', () => {
  it.each(['frozen', 'behind a black hole'])(
    'is noticed when it is %s, and used again after',
    async (outage) => {
      await using server = await startRedis();
      await using proxy = await startTcpProxy({ targetPort: server.port });
      await using bus = await startConnectedBus({ url: `redis://127.0.0.1:${proxy.port}` });
      const begin = outage === 'frozen' ? server.freeze : proxy.pause;
      const end = outage === 'frozen' ? server.thaw : proxy.resume;

      begin();
      await until(
        'both sides to notice',
        () => [bus.publisher, bus.fleet].every((side) => side.connection().state === 'disconnected'),
        60_000,
      );
      expect(await bus.publisher.publish(makeSample())).toBe('dropped');

      // At least one attempt meets the silent server, and must not wait for it for ever.
      await until('a new attempt', () => proxy.connections() >= 2);
      end();
      await untilConnected(bus.publisher, bus.fleet);
      await bus.publisher.publish(makeSample({ sequence: 2 }));
      await until('the sample', () => bus.received.samples.at(-1)?.sequence === 2);
      expect(bus.received.samples.filter(({ sequence }) => sequence === 1)).toEqual([]);
    },
  );

  it('ends a publish within its deadline', async () => {
    await using server = await startRedis();
    await using bus = await startConnectedBus({ url: server.url });
    server.freeze();
    expect(await bus.publisher.publish(makeSample())).toBe('dropped');
    expect(bus.publisher.connection().state).toBe('disconnected');
  });

  it('ends a farewell within its deadline', async () => {
    await using server = await startRedis();
    await using bus = await startConnectedBus({ url: server.url });
    server.freeze();
    await bus.publisher.bye('instance-1');
    await bus.publisher[Symbol.asyncDispose]();
  });
});
