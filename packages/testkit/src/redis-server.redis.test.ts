import { access } from 'node:fs/promises';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { startRedis } from './redis-server.ts';
import { makeTlsFiles } from './tls-files.ts';

const connect = (url: string, options = {}) => {
  const redis = new Redis(url, {
    retryStrategy: null,
    enableReadyCheck: false,
    disableClientInfo: true,
    ...options,
  });
  return { redis, [Symbol.dispose]: () => redis.disconnect() };
};

it('keeps port and data over a restart when it appends, and leaves nothing behind', async () => {
  let directory = '';
  let pid = 0;
  {
    await using server = await startRedis({ appendonly: true });
    ({ directory, pid } = server);
    {
      using client = connect(server.url);
      await client.redis.set('greeting', 'hello');
    }
    await server.stop();
    await server.restart();
    using client = connect(server.url);
    expect(await client.redis.get('greeting')).toBe('hello');
    expect(server.pid).not.toBe(pid);
    ({ pid } = server);
  }
  await expect(access(directory)).rejects.toThrow('ENOENT');
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

it('answers nothing while it is frozen', async () => {
  await using server = await startRedis();
  using client = connect(server.url, { commandTimeout: 200 });
  await client.redis.ping();
  server.freeze();
  await expect(client.redis.ping()).rejects.toThrow('timed out');
  server.thaw();
  await eventually(() => client.redis.ping(), { what: 'an answer after the thaw' });
});

it('refuses a port that is taken', async () => {
  await using first = await startRedis();
  await expect(startRedis({ port: first.port })).rejects.toThrow(`port ${first.port} is taken`);
});

it('speaks TLS with a certificate of its own authority, and knows its ACL users', async () => {
  await using tls = await makeTlsFiles();
  await using server = await startRedis({ tls, acl: 'user default off\nuser reader on >secret ~* +get\n' });
  using client = connect(server.url, {
    tls: { ca: tls.ca },
    username: 'reader',
    password: 'secret',
    protocol: 2,
  });
  await expect(client.redis.set('a', '1')).rejects.toThrow('NOPERM');
});
