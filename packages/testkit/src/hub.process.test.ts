import { expect, it } from 'vitest';
import { startAgent } from './agent.ts';
import { eventually } from './eventually.ts';
import { startHub } from './hub.ts';
import { startRedis } from './redis-server.ts';
import { openStatusClient } from './stream-client.ts';

it('starts a hub and an agent that know nothing of the environment, and restarts the hub on its port', async () => {
  await using redis = await startRedis();
  const { BOONER_INTERVAL_MS: before } = process.env;
  process.env.BOONER_INTERVAL_MS = 'nonsense';
  await using restored = new AsyncDisposableStack();
  restored.defer(() => {
    if (before === undefined) delete process.env.BOONER_INTERVAL_MS;
    else process.env.BOONER_INTERVAL_MS = before;
  });
  await using hub = await startHub({ redisUrl: redis.url });
  await using agent = await startAgent({ redisUrl: redis.url, hostId: '127.0.0.2' });
  for (const restarts of [0, 1]) {
    if (restarts > 0) await hub.restart();
    using first = await openStatusClient(hub.url, { version: 1 });
    using second = await openStatusClient(hub.wsUrl, { version: 2 });
    const snapshot = () => second.received.find(({ message }) => message.type === 'snapshot')?.message;
    await eventually(
      () => first.latest()?.deployment_targets[0]?.status === 'active' && snapshot() !== undefined,
      { what: 'the agent to be shown' },
    );
    expect(snapshot()).toMatchObject({ intervalMs: 3000 });
  }
  expect(agent.instance).not.toBe('');
  expect(await hub.stop()).toEqual({ code: 0, signal: null });
  expect(hub.logs().at(-1)).toMatchObject({ msg: 'stopping' });
});

it('fails with what a daemon said when it ends at once', async () => {
  await expect(startHub({ env: { BOONER_INTERVAL_MS: 'fast' } })).rejects.toMatchObject({
    code: 'daemon_ended',
    end: { code: 78 },
    message: expect.stringContaining('BOONER_INTERVAL_MS'),
  });
});
