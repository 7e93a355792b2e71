import type { connectOperator } from '../fleet/operator.ts';

/** Every value that Redis holds, as text. */
export async function dumpRedis(
  redis: ReturnType<typeof connectOperator>['redis'],
): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  for (const key of await redis.keys('*')) {
    const type = await redis.type(key);
    const commands: Readonly<Record<string, readonly [string, ...string[]]>> = {
      string: ['GET', key],
      hash: ['HGETALL', key],
      set: ['SMEMBERS', key],
      zset: ['ZRANGE', key, '0', '-1'],
      stream: ['XRANGE', key, '-', '+'],
    };
    const [command, ...args] = commands[type] ?? [];
    if (command === undefined) throw new Error(`${key} is a ${type}`);
    values.set(key, JSON.stringify(await redis.call(command, ...args)));
  }
  return values;
}
