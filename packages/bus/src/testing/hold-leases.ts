// A hub as far as leases go, in a process of its own: prints what it holds whenever that changes,
// and tries to have effects all the time, also with leases that it has lost. Arguments: the URL of
// Redis, its id.
import { setTimeout as sleep } from 'node:timers/promises';
import { leaseKey } from '@booner/protocol/redis-names';
import { Redis } from 'ioredis';
import type { Lease } from '../lease-ports.ts';
import { runScript } from '../redis/connection/run-script.ts';
import { defineLeaseScript, leaseArguments } from '../redis/leases/lease-scripts.ts';
import { startRedisLeases } from '../redis/leases/leases.ts';

const PAUSE_MS = 50;

const EFFECT = defineLeaseScript([
  `local result = holds_lease(KEYS[1], ARGV[1], ARGV[2]) and 'done' or 'refused'
  redis.call('XADD', KEYS[2], '*', 'result', result, 'lease', KEYS[1], 'hub', ARGV[1], 'epoch', ARGV[2])`,
]);

const [url = '', hub = ''] = process.argv.slice(2);
const leases = await startRedisLeases({ redis: { url }, hub });
const redis = new Redis(url);
const print = () => {
  const held = leases.held().map(({ shard }) => leaseKey(shard));
  process.stdout.write(`${JSON.stringify({ held })}\n`);
};
/** Every lease that it was granted. It does not look whether it still holds them. */
const granted = new Map<number, Lease>();
leases.follow({
  onGained: (gained) => {
    for (const lease of gained) granted.set(lease.shard, lease);
    print();
  },
  onEnded: print,
});
process.on('SIGTERM', async () => {
  await leases[Symbol.asyncDispose]();
  process.exit(0);
});
while (true) {
  await Promise.all(
    [...granted.values()].map((lease) => {
      const [key, ...args] = leaseArguments(lease);
      return runScript(redis, EFFECT, [key, 'test:effects'], args);
    }),
  );
  await sleep(PAUSE_MS);
}
