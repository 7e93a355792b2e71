import { createMemoryBus } from '@booner/bus/memory';
import { createLogger } from '@booner/service';
import { expect, it, vi } from 'vitest';
import { startTestSockets } from '../testing/test-sockets.ts';
import { createExternal } from '../testing/test-task-hub.ts';
import { ClientSocket } from '../ws/client-socket.ts';
import { Subscriptions } from '../ws/subscriptions.ts';
import { Turns } from '../ws/turns.ts';
import { TaskBoard } from './task-board.ts';
import { taskFeed } from './task-feed.ts';

vi.setConfig({ testTimeout: 60_000 });

it('skips a client that subscribed again during a flush: its answer contains the events', async () => {
  await using sockets = await startTestSockets();
  const { hubEnd: client, received } = await sockets.connect();
  const { socket: gone } = await sockets.connectGone();

  await using bus = createMemoryBus().startTasks();
  const board = new TaskBoard();
  board.load(await bus.readBoard(200));
  const subscriptions = new Subscriptions({
    feed: taskFeed({ bus, board }),
    waitingFor: () => 'no reason',
    log: await createLogger({ name: 'test', level: 'silent' }),
  });
  const all = { hosts: null, cursor: null };
  // The flush yields before it reaches the open client.
  subscriptions.subscribe(new ClientSocket(gone), all);
  subscriptions.subscribe(client, all);
  await expect.poll(() => received.length).toBe(1);
  const isOver = vi.spyOn(Turns.prototype, 'isOver', 'get').mockReturnValue(true);

  const publish = async () => {
    const events = await bus.readEvents(board.cursor, 10);
    if (events === 'trimmed') throw new Error('trimmed');
    for (const event of events) board.apply(event);
    subscriptions.publish(events);
  };
  await createExternal(bus);
  await publish();
  expect(subscriptions.counts.eventsWritten).toBe(0);
  subscriptions.subscribe(client, all);
  isOver.mockRestore();
  await expect.poll(() => received.length).toBe(2);
  await createExternal(bus);
  await publish();
  await expect.poll(() => received.length).toBe(3);
  expect(received.map((text) => JSON.parse(text))).toMatchObject([
    { type: 'snapshot', tasks: [] },
    { type: 'snapshot', tasks: [{ version: 1 }] },
    { type: 'event', kind: 'created' },
  ]);
  expect(subscriptions.counts).toMatchObject({ flushes: 2, eventsWritten: 1, snapshots: 2 });
});
