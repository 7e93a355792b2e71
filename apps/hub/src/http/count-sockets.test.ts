import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { countSockets } from './count-sockets.ts';

it('counts the sockets of an address until they close', () => {
  const open = countSockets();
  const [first, second, other] = [
    new EventEmitter(),
    new EventEmitter(),
    new EventEmitter(),
  ] as unknown as Socket[];
  expect([open.add('10.0.0.2', first!), open.add('10.0.0.2', second!), open.add('10.0.0.3', other!)]).toEqual(
    [1, 2, 1],
  );
  first!.emit('close');
  expect([open.of('10.0.0.2'), open.of('10.0.0.3')]).toEqual([1, 1]);
  second!.emit('close');
  expect([open.of('10.0.0.2'), open.of('10.0.0.3'), open.of('10.0.0.4')]).toEqual([0, 1, 0]);
});
