import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { newTaskId } from '@booner/protocol/task-id';
import { expect, it } from 'vitest';
import { refusedRun } from '../run/actions.ts';
import { LAUNCH_VERSION } from './messages.ts';
import { startRunnerConnection } from './runner-connection.ts';

/** A socket whose other side reads only when it is told to. */
function startUnread() {
  let taken: (() => void)[] = [];
  let isRead = false;
  const socket = new Duplex({
    read: () => {},
    write: (_chunk, _encoding, done) => {
      if (isRead) done();
      else taken.push(done);
    },
  });
  const readAll = () => {
    isRead = true;
    for (const done of taken) done();
    taken = [];
  };
  return { socket: socket as Socket, readAll };
}

it('lets the requests of a runner wait that does not read the answers', async () => {
  const { socket, readAll } = startUnread();
  let started = 0;
  const start = () => {
    started += 1;
    return refusedRun('x'.repeat(900));
  };
  startRunnerConnection({
    socket,
    actions: { start, endLeft: async () => 0 },
    serve: async () => new Map(),
    graceMs: 0,
    logger: { info: () => {}, warn: () => {} },
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const send = (message: object) => socket.push(`${JSON.stringify(message)}\n`);
  send({ type: 'hello', version: LAUNCH_VERSION });
  let run = 0;
  for (; run < 100_000 && !socket.isPaused(); run += 1) {
    send({ type: 'start', run, task: newTaskId(), action: 'greet', params: {} });
    await turn();
  }
  expect(socket.isPaused()).toBe(true);
  expect(socket.writableLength).toBeLessThan(5 * 1024 * 1024);
  const before = started;
  send({ type: 'start', run: run + 1, task: newTaskId(), action: 'greet', params: {} });
  await turn();
  expect(started).toBe(before);
  readAll();
  await turn();
  await turn();
  expect(socket.isPaused()).toBe(false);
  expect(started).toBe(before + 1);
  socket.destroy();
});
