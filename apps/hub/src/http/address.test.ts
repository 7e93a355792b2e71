import { expect, it } from 'vitest';
import { isLoopback, networkOf, plainAddress } from './address.ts';

it.each([
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['::FFFF:10.0.0.1', '10.0.0.1'],
  ['::ffff:a00:1', '10.0.0.1'],
  ['0:0:0:0:0:ffff:0a00:0001', '10.0.0.1'],
  ['::10.0.0.1', '::10.0.0.1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['::1', '::1'],
  ['10.0.0.1', '10.0.0.1'],
  ['', ''],
])('reduces %j to %j', (address, plain) => expect(plainAddress(address)).toBe(plain));

it.each(['127.0.0.1', '127.8.8.8', '::1', 'localhost'])('takes %s for loopback', (host) =>
  expect(isLoopback(host)).toBe(true),
);

it.each(['0.0.0.0', '::', '10.0.0.1', '127.example.org', ''])('does not take %j for loopback', (host) =>
  expect(isLoopback(host)).toBe(false),
);

it.each([
  ['10.0.0.2', '10.0.0.2'],
  ['::ffff:10.0.0.2', '10.0.0.2'],
  ['2001:db8:1:2:3:4:5:6', '2001:0db8:0001:0002::/64'],
  ['2001:db8:1:2::9', '2001:0db8:0001:0002::/64'],
  ['2001:0db8:0001:0002::9', '2001:0db8:0001:0002::/64'],
  ['2001:db8::9', '2001:0db8:0000:0000::/64'],
  ['2001:db8::1:2:3:4:5', '2001:0db8:0000:0001::/64'],
  ['::1', '0000:0000:0000:0000::/64'],
  ['64:ff9b::10.0.0.2', '0064:ff9b:0000:0000::/64'],
  ['64:FF9B::10.0.0.2', '0064:ff9b:0000:0000::/64'],
  ['', ''],
])('counts %j with the network %j', (address, network) => expect(networkOf(address)).toBe(network));
