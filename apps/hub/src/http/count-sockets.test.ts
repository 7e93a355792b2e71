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

it('counts all addresses of one IPv6 /64 together, and mapped IPv4 addresses as IPv4', () => {
  const open = countSockets();
  const add = (address: string) => open.add(address, new EventEmitter() as unknown as Socket);
  expect(['2001:db8:1:2::1', '2001:db8:1:2:3::1', '2001:db8:1:3::1'].map(add)).toEqual([1, 2, 1]);
  expect(['10.0.0.2', '::ffff:10.0.0.2', '::ffff:a00:2', '::ffff:10.0.0.3'].map(add)).toEqual([1, 2, 3, 1]);
});
