import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createMemoryBus } from '@booner/bus/memory';
import { createLogger } from '@booner/service';
import { expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createExternal } from '../testing/test-task-hub.ts';
import { TaskClient } from '../ws/client-socket.ts';
import { createWebSocketServer } from '../ws/web-socket-server.ts';
import { TaskBoard } from './task-board.ts';
import { TaskEventClients } from './task-subscriptions.ts';

it('does not write a flush to who subscribed anew while it went on: the answer contains it', async () => {
  const { options } = createWebSocketServer();
  const server = new WebSocketServer({ ...options, noServer: false, port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const peer = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const received: { type: string }[] = [];
  peer.on('message', (data) => received.push(JSON.parse(data.toString())));
  const [socket] = (await accepted) as [WebSocket];
  await once(peer, 'open');

  await using bus = createMemoryBus().startTasks();
  const board = new TaskBoard();
  board.load(await bus.readBoard(200));
  const clients = new TaskEventClients({
    bus,
    board,
    waitingFor: () => 'no reason',
    log: await createLogger({ name: 'test', level: 'silent' }),
  });
  const all = { hosts: null, cursor: null };
  // A turn's worth of clients that are gone: the fan-out yields before it comes to the one that is there.
  const gone = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await once(gone, 'open');
  gone.terminate();
  await once(gone, 'close');
  for (let index = 0; index < 1000; index++) clients.subscribe(new TaskClient(gone), all);
  const client = new TaskClient(socket);
  clients.subscribe(client, all);

  const publish = async () => {
    const events = await bus.readEvents(board.cursor, 10);
    if (events === 'trimmed') throw new Error('trimmed');
    for (const event of events) board.apply(event);
    clients.publish(events);
  };
  await createExternal(bus);
  await publish();
  expect(clients.counts.eventsWritten).toBe(0);
  clients.subscribe(client, all);
  await createExternal(bus);
  await publish();
  await expect.poll(() => received.length).toBe(3);
  expect(received).toMatchObject([
    { type: 'snapshot', tasks: [] },
    { type: 'snapshot', tasks: [{ version: 1 }] },
    { type: 'event', kind: 'created' },
  ]);
  expect(clients.counts).toMatchObject({ flushes: 2, eventsWritten: 1, snapshots: 2 });
  peer.terminate();
  await new Promise((resolve) => server.close(resolve));
});
