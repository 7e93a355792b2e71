// A hub as far as leases go, in a process of its own: prints what it holds whenever that changes,
// and has effects all the time. Arguments: the URL of Redis, its id.
import { setTimeout as sleep } from 'node:timers/promises';
import { leaseKey } from '@booner/protocol/redis-names';
import { Redis } from 'ioredis';
import { runScript } from '../redis/connection/run-script.ts';
import { defineLeaseScript, leaseArguments } from '../redis/leases/lease-scripts.ts';
import { startRedisLeases } from '../redis/leases/leases.ts';

/** Pause between a look at what is held and the effects: a stopped process likely stops here. */
const WORK_MS = 50;

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
leases.follow({ onGained: print, onEnded: print });
process.on('SIGTERM', async () => {
  await leases[Symbol.asyncDispose]();
  process.exit(0);
});
while (true) {
  const held = leases.held();
  await sleep(WORK_MS);
  await Promise.all(
    held.map((lease) => {
      const [key, ...args] = leaseArguments(lease);
      return runScript(redis, EFFECT, [key, 'test:effects'], args);
    }),
  );
}
