import { once } from 'node:events';
import { connect } from 'node:net';
import { eventually } from '@booner/testkit';

/**
 * Records every command sent to a Redis from now on, as its MONITOR reports it, over a plain
 * connection.
 */
export async function watchCommands(redisUrl: string): Promise<Disposable & { readonly text: () => string }> {
  const { hostname, port } = new URL(redisUrl);
  const socket = connect(Number(port), hostname);
  const chunks: string[] = [];
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => chunks.push(chunk));
  await once(socket, 'connect');
  socket.write('MONITOR\r\n');
  await eventually(() => chunks.join('').startsWith('+OK'), {
    what: 'Redis to be watched',
  });
  return { text: () => chunks.join(''), [Symbol.dispose]: () => socket.destroy() };
}
