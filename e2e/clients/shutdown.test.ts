import { eventually, openStatusClient, startHub } from '@booner/testkit';
import { expect, it } from 'vitest';
import { streamClients } from './hub-gauges.ts';
import { connectRaw } from './raw-connection.ts';

const CLIENTS = 1000;

it('notifies a thousand clients that it stops, and exits with 0 within 5 s of SIGTERM', async () => {
  await using hub = await startHub();
  using clients = new DisposableStack();
  const opened = await Promise.all(
    Array.from({ length: CLIENTS }, async (_, index) => {
      const localAddress = `127.0.0.${2 + (index % 4)}`;
      return clients.use(
        index % 2 === 0
          ? await openStatusClient(hub.url, { version: 1, localAddress })
          : await openStatusClient(hub.url, { version: 2, localAddress }),
      );
    }),
  );
  expect(await streamClients(hub)).toBe(CLIENTS);
  await connectRaw(hub.port); // says nothing and does not go by itself
  const end = await hub.stop();
  expect(end).toEqual({ code: 0, signal: null });
  const codes = await Promise.all(opened.map(({ closed }) => closed.then(({ code }) => code)));
  expect(codes.filter((code) => code !== 1001)).toEqual([]);
});

it('exits with 0 within 5 s of SIGTERM although clients do not read, or answer nothing', async () => {
  await using hub = await startHub({ env: { BOONER_INTERVAL_MS: '500' } });
  using paused = await openStatusClient(hub.url, { version: 2 });
  paused.socket.pause();
  const halfRequest = await connectRaw(hub.port);
  halfRequest.write('POST /targets HTTP/1.1\r\n');
  await eventually(async () => (await streamClients(hub)) === 1, { what: 'the client' });
  expect(await hub.stop()).toEqual({ code: 0, signal: null });
});
