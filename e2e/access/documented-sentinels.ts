import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashSecret } from '@booner/bus/secrets';
import { eventually, type RedisServer, startRedis } from '@booner/testkit';
import { connectOperator } from '../fleet/operator.ts';
import type { StartedRedis } from './enrolled-bed.ts';

const PAGE = join(import.meta.dirname, '../../docs/redis.md');
const SENTINELS = 3;
const MASTER_NAME = 'mymaster';

export type DocumentedSentinels = StartedRedis & {
  readonly replica: RedisServer;
  readonly sentinels: readonly RedisServer[];
};

/**
 * A master, a replica of it and three Sentinels that know each other, set up with the very lines of docs/redis.md, section "Sentinel".
 * @param users lines of those who are no part of that section
 */
export async function startDocumentedSentinels(users: string): Promise<DocumentedSentinels> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'booner-sentinels-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const [replicaPassword, sentinelPassword] = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')];
  const fill = (text: string) =>
    text
      .replaceAll('REPLICA_SHA256', hashSecret(replicaPassword))
      .replaceAll('SENTINEL_SHA256', hashSecret(sentinelPassword))
      .replaceAll('REPLICA_PASSWORD', replicaPassword)
      .replaceAll('SENTINEL_PASSWORD', sentinelPassword);
  const [usersOfSentinel, redisConf, sentinelConf] = (await blocksOf('Sentinel')).map(fill);
  const included = join(directory, 'redis.conf');
  await writeFile(included, `${redisConf}\n`);
  const startOne = async (args: readonly string[] = []) =>
    stack.use(
      await startRedis({ acl: `${users}${usersOfSentinel}\n`, args: ['--include', included, ...args] }),
    );

  const master = await startOne();
  const replica = await startOne(['--replicaof', '127.0.0.1', `${master.port}`]);
  await eventually(() => replica.isInStep, { deadlineMs: 15_000, what: 'the replica to be in step' });
  const watched = sentinelConf?.replace('10.0.0.1 6379', `127.0.0.1 ${master.port}`).split('\n') ?? [];
  const sentinels: RedisServer[] = [];
  while (sentinels.length < SENTINELS) sentinels.push(stack.use(await startRedis({ sentinel: watched })));
  await Promise.all(sentinels.map(untilKnowing));
  const owned = stack.move();
  return {
    redis: master,
    replica,
    sentinels,
    url: `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${MASTER_NAME}`,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
