import { expect, it } from 'vitest';
import type { HostId } from './host-id.ts';
import { ALL_SHARDS, SHARDS, shardOf } from './shard.ts';

const ids = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => make(index) as HostId);

it('is the same for ever: hubs of every version share the hosts by it', () => {
  const hosts = ['10.0.0.2', '10.0.0.3', 'web-1.example.org', 'fd00::1', 'a'] as HostId[];
  expect(hosts.map(shardOf)).toEqual([18, 61, 45, 58, 6]);
});

it.each([
  ['addresses of one network', (index: number) => `10.0.${index >> 8}.${index & 255}`],
  ['numbered names', (index: number) => `web-${index}`],
  ['names of one domain', (index: number) => `node${index}.example.org`],
])('spreads %s evenly', (_, make) => {
  const hosts = 6400;
  const counts = new Map(ALL_SHARDS.map((shard) => [shard, 0]));
  for (const host of ids(hosts, make)) {
    const shard = shardOf(host);
    counts.set(shard, (counts.get(shard) ?? Number.NaN) + 1);
  }
  expect(counts.size).toBe(SHARDS);
  // 100 are expected in each; the standard deviation of a random spread is 10.
  expect(Math.min(...counts.values())).toBeGreaterThan(50);
  expect(Math.max(...counts.values())).toBeLessThan(150);
});
