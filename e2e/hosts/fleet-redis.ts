import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, startProcess } from '@booner/testkit';
import { tryRun } from './command.ts';
import { HUB_HOST } from './network.ts';
import type { RealFleet } from './real-fleet.ts';

const PORT = 6379;
const READY_DEADLINE_MS = 60_000;

/** A user of Redis, and the host that connects. */
export type RedisLogin = { readonly from: string; readonly user: string; readonly password: string };

/**
 * The fleet's Redis on the hub's host: it appends, keeps its users in a file, and its `default`
 * user is off.
 */
export type FleetRedis = AsyncDisposable & {
  /** Runs `redis-cli` and returns its output: the answer, or the error. */
  cli(login: RedisLogin, ...command: string[]): Promise<string>;
};

/** @param users lines `user NAME …` of the ACL file */
export async function startFleetRedis(fleet: RealFleet, users: readonly string[]): Promise<FleetRedis> {
  const folder = join(fleet.folder, 'redis');
  await mkdir(folder);
  await writeFile(join(folder, 'users.acl'), ['user default off ~* &* +@all', ...users, ''].join('\n'));
  const [command, ...args] = fleet.onNetworkOf(HUB_HOST, [
    ...['redis-server', '--port', `${PORT}`, '--bind', HUB_HOST, '127.0.0.1', '--dir', folder],
    ...['--appendonly', 'yes', '--save', '', '--aclfile', join(folder, 'users.acl'), '--daemonize', 'no'],
  ]);
  const server = await startProcess({ command, args });
  await eventually(() => server.lines.stdout.some((line) => /ready to accept connections/i.test(line)), {
    deadlineMs: READY_DEADLINE_MS,
    what: 'Redis to listen',
  });
  return {
    cli: async ({ from, user, password }, ...command) => {
      const argv = [
        'redis-cli',
        '-h',
        HUB_HOST,
        '-p',
        `${PORT}`,
        '--user',
        user,
        '--no-auth-warning',
        ...command,
      ];
      const env = { ...process.env, REDISCLI_AUTH: password };
      const { stdout, stderr } = await tryRun(fleet.onNetworkOf(from, argv), { env });
      return (stderr + stdout).trim();
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
