import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';

// A client of the task stream in a process of its own, which a test can stop by a signal, and whose
// clock no other work of the test delays. It reconnects with its last cursor. It writes to stdout
// when it was closed, and for each message its arrival (Unix milliseconds), its type (`map` for
// version 1) and its cursor, if it has one.
const [url = '', ...protocols] = process.argv.slice(2);
const RETURN_AFTER_MS = 100;
let cursor: string | null = null;

async function observe(): Promise<void> {
  const address = new URL(url);
  if (cursor !== null) address.searchParams.set('cursor', cursor);
  const socket = new WebSocket(address, protocols, { perMessageDeflate: false });
  socket.on('message', (data) => {
    const atMs = Math.round(performance.timeOrigin + performance.now());
    const message = JSON.parse(data.toString()) as { type?: string; cursor?: string };
    const { type, cursor: position } = protocols.length === 0 ? { type: 'map' } : message;
    cursor = position ?? cursor;
    process.stdout.write(`${atMs} ${type} ${position ?? ''}\n`);
  });
  socket.on('error', (error) => process.stdout.write(`error ${error.message}\n`));
  await new Promise<void>((resolve) => {
    socket.on('close', (code) => {
      process.stdout.write(`closed ${code}\n`);
      resolve();
    });
  });
}

for (;;) {
  await observe();
  await wait(RETURN_AFTER_MS);
}
