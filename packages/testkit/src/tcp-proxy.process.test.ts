import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { startTcpProxy } from './tcp-proxy.ts';

async function startEcho() {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}); // these tests cause resets
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function startClient(port: number) {
  const socket = connect(port, '127.0.0.1');
  const seen = { text: '', error: '', ended: false };
  socket.on('data', (chunk) => {
    seen.text += chunk;
  });
  socket.on('end', () => {
    seen.ended = true;
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    seen.error = error.code ?? error.message;
  });
  return { socket, seen, [Symbol.dispose]: () => void socket.destroy() };
}

it('forwards both ways, also large amounts and the end', async () => {
  await using echo = await startEcho();
  await using proxy = await startTcpProxy({ targetPort: echo.port });
  using client = startClient(proxy.port);
  client.socket.end('x'.repeat(5_000_000));
  await eventually(() => client.seen.ended, { what: 'the end of the stream' });
  expect(client.seen.text.length).toBe(5_000_000);
  await eventually(() => proxy.connections() === 0, { what: 'both sides to be closed' });
});

it('is a black hole while paused, and delivers what was held afterwards', async () => {
  await using echo = await startEcho();
  await using proxy = await startTcpProxy({ targetPort: echo.port });
  using client = startClient(proxy.port);
  client.socket.write('a');
  await eventually(() => client.seen.text === 'a', { what: 'the echo' });
  proxy.pause();
  client.socket.write('b');
  using late = startClient(proxy.port);
  await once(late.socket, 'connect');
  late.socket.write('c');
  const echoed = eventually(() => client.seen.text !== 'a' || late.seen.text !== '', {
    deadlineMs: 200,
    what: 'an echo',
  });
  await expect(echoed).rejects.toThrow('gave up');
  proxy.resume();
  await eventually(() => client.seen.text === 'ab' && late.seen.text === 'c', {
    what: 'what was held',
  });
});

it('resets connections on both sides', async () => {
  await using echo = await startEcho();
  await using proxy = await startTcpProxy({ targetPort: echo.port });
  using client = startClient(proxy.port);
  client.socket.write('a');
  await eventually(() => client.seen.text === 'a', { what: 'the echo' });
  proxy.cut();
  await eventually(() => client.seen.error === 'ECONNRESET', { what: 'a reset' });
  const [upstream] = echo.sockets;
  await eventually(() => upstream?.destroyed, { what: 'a reset of the other side' });
});

it('refuses new connections on demand and accepts them again on the same port', async () => {
  await using echo = await startEcho();
  await using proxy = await startTcpProxy({ targetPort: echo.port });
  using before = startClient(proxy.port);
  await once(before.socket, 'connect');
  proxy.refuse();
  using refused = startClient(proxy.port);
  await eventually(() => refused.seen.error === 'ECONNREFUSED', { what: 'a refusal' });
  before.socket.write('still here');
  await eventually(() => before.seen.text === 'still here', {
    what: 'the old connection',
  });
  await proxy.accept();
  using after = startClient(proxy.port);
  after.socket.write('back');
  await eventually(() => after.seen.text === 'back', { what: 'a new connection' });
});

it('delays each direction and keeps the order', async () => {
  await using echo = await startEcho();
  await using proxy = await startTcpProxy({ targetPort: echo.port });
  proxy.delay(100);
  using client = startClient(proxy.port);
  const startMs = performance.now();
  client.socket.write('a');
  setTimeout(() => client.socket.write('b'), 10);
  await eventually(() => client.seen.text === 'ab', { everyMs: 5, what: 'both echoes' });
  expect(performance.now() - startMs).toBeGreaterThan(195);
});
