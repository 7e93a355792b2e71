import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashSecret } from '@booner/bus/secrets';
import { eventually, type RedisServer, startRedis } from '@booner/testkit';
import { connectOperator } from '../fleet/operator.ts';
import type { ConnectOperator, StartedRedis } from './enrolled-bed.ts';

const PAGE = join(import.meta.dirname, '../../docs/redis.md');
const SENTINELS = 3;

export type DocumentedSentinels = StartedRedis & {
  readonly replica: RedisServer;
  readonly sentinels: readonly RedisServer[];
  /** Refusals of Redis and the Sentinels, except for wrong passwords, as lines of `ACL LOG`. */
  refusals(): Promise<readonly unknown[]>;
};

/**
 * Starts a master, its replica and three Sentinels that know each other, set up with the exact
 * lines of docs/redis.md, section "Sentinel".
 * @param users lines for users that the section does not define
 */
export async function startDocumentedSentinels(
  users: string,
  connect: ConnectOperator,
): Promise<DocumentedSentinels> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'booner-sentinels-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const [replicaPassword, sentinelPassword] = [newPassword(), newPassword()];
  const fill = (text: string) =>
    text
      .replaceAll('REPLICA_SHA256', hashSecret(replicaPassword))
      .replaceAll('SENTINEL_SHA256', hashSecret(sentinelPassword))
      .replaceAll('REPLICA_PASSWORD', replicaPassword)
      .replaceAll('SENTINEL_PASSWORD', sentinelPassword);
  const [ownUsers = '', redisConf = '', sentinelConf = ''] = (await blocksOf('Sentinel')).map(fill);
  const included = join(directory, 'redis.conf');
  await writeFile(included, `${redisConf}\n`);
  const startOne = async (...args: readonly string[]) =>
    stack.use(await startRedis({ acl: `${users}${ownUsers}\n`, args: ['--include', included, ...args] }));

  const redis = await startOne('--repl-diskless-sync-delay', '0');
  const replica = await startOne('--replicaof', '127.0.0.1', `${redis.port}`);
  using onReplica = connect(replica);
  await eventually(
    async () => String(await onReplica.redis.info('replication')).includes('master_link_status:up'),
    { what: 'the replica to be in step' },
  );
  const configuration = sentinelConf.replace('10.0.0.1 6379', `127.0.0.1 ${redis.port}`).split('\n');
  const sentinels: RedisServer[] = [];
  while (sentinels.length < SENTINELS)
    sentinels.push(stack.use(await startRedis({ sentinel: configuration })));
  const connectToSentinel: ConnectOperator = ({ url }) =>
    connectOperator(url.replace('//', `//booner-sentinel:${sentinelPassword}@`));
  for (const sentinel of sentinels) {
    using asking = connectToSentinel(sentinel);
    const countOf = async (what: string) =>
      ((await asking.redis.call('SENTINEL', what, 'mymaster')) as unknown[]).length;
    await eventually(
      async () => (await countOf('REPLICAS')) === 1 && (await countOf('SENTINELS')) === SENTINELS - 1,
      { what: 'the Sentinels to know each other and the replica' },
    );
  }
  const owned = stack.move();
  return {
    redis,
    replica,
    sentinels,
    url: `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/mymaster`,
    refusals: async () => {
      using onMaster = connect(redis);
      using onReplicaNow = connect(replica); // a promotion cut the connection from before
      using onSentinels = new DisposableStack();
      const asked = [
        onMaster,
        onReplicaNow,
        ...sentinels.map((one) => onSentinels.use(connectToSentinel(one))),
      ];
      const logs = await Promise.all(asked.map(({ redis: server }) => server.call('ACL', 'LOG')));
      return logs.flat().filter((entry) => !String(entry).includes('reason,auth'));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const newPassword = () => randomBytes(32).toString('hex');

/** The fenced blocks of a section of the page, without their indentation. */
async function blocksOf(section: string): Promise<readonly string[]> {
  const text = (await readFile(PAGE, 'utf8')).split(`\n## ${section}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...text.matchAll(/^ *```\w*\n(.*?)\n *```$/gms)].map(([, block = '']) =>
    block.replace(/^ +/gm, ''),
  );
}
