import { createHash } from 'node:crypto';
import {
  access,
  chmod,
  chown,
  copyFile,
  cp,
  mkdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { run, tryRun } from '../hosts/command.ts';

/** What the Dockerfile and docker-compose.yml start from. */
const DEBIAN = 'docker.io/library/debian:bookworm-slim';
const NODE = 'docker.io/library/node:24-bookworm-slim';
const REDIS = 'docker.io/library/redis:7-alpine';

/** Longest download of an image; a registry that cannot be reached may take it all. */
const PULL_DEADLINE_MS = 90_000;
const BUILD_DEADLINE_MS = 600_000;
const IMPORT_DEADLINE_MS = 180_000;

const RELEASE = 'bookworm';
const PACKAGES = ['redis-server', 'busybox-static'];
const LEFT_OUT = [
  ...['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man', 'usr/share/locale'],
  ...['etc/machine-id', 'etc/hostname', 'etc/resolv.conf'],
];
/** The commands of redis-start.sh and of docs/compose.md, which are BusyBox's in Alpine. */
const APPLETS = ['sh', 'sed', 'grep', 'sha256sum', 'cut', 'touch', 'mv', 'cat', 'cp', 'rm', 'ls', 'tail'];
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

export type BaseImagesOptions = {
  /** For `docker`. */
  readonly env: NodeJS.ProcessEnv;
  readonly cache: string;
  /** Folder on the same file system as the cache. */
  readonly scratch: string;
  readonly signal: AbortSignal;
};

/**
 * Provides the base images: from their registry, or where that cannot be reached, stand-ins of the
 * same names from packages of Debian.
 */
export async function provideBaseImages(options: BaseImagesOptions): Promise<'pulled' | 'stand-ins'> {
  const { env, signal } = options;
  for (const image of [DEBIAN, NODE, REDIS]) {
    const pull = ['docker', 'pull', '--quiet', image] as const;
    if ((await tryRun(pull, { env, deadlineMs: PULL_DEADLINE_MS, signal })).code === 0) continue;
    await makeStandIns(options);
    return 'stand-ins';
  }
  return 'pulled';
}

async function makeStandIns(options: BaseImagesOptions): Promise<void> {
  const base = await baseSystem(options);
  await importImage(DEBIAN, base, [], options);
  const settings = [`ENV NODE_EXTRA_CA_CERTS=${CERTIFICATES}`];
  await importImage(NODE, await addNode(await copyOf(base, 'node', options)), settings, options);
  const ofRedis = [
    'ENV PATH=/busybox:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ...['VOLUME /data', 'WORKDIR /data'],
    ...['ENTRYPOINT ["docker-entrypoint.sh"]', 'CMD ["redis-server"]'],
  ];
  await importImage(REDIS, await addRedis(await copyOf(base, 'redis', options)), ofRedis, options);
}

/** Returns the folder of a small Debian with Redis and BusyBox, made once and kept in the cache. */
async function baseSystem({ cache, scratch, signal }: BaseImagesOptions): Promise<string> {
  const recipe = createHash('sha256')
    .update(JSON.stringify([RELEASE, PACKAGES, LEFT_OUT]))
    .digest('hex');
  const base = join(cache, `compose-base-${recipe.slice(0, 12)}`);
  if (await exists(base)) return base;
  const building = join(scratch, 'base');
  await run(['debootstrap', '--variant=minbase', `--include=${PACKAGES.join(',')}`, RELEASE, building], {
    deadlineMs: BUILD_DEADLINE_MS,
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
    signal,
  });
  for (const path of LEFT_OUT) await rm(join(building, path), { recursive: true, force: true });
  await rename(building, base).catch(async (error) => {
    if (!(await exists(base))) throw error; // else another run was quicker
  });
  return base;
}

async function copyOf(base: string, name: string, { scratch, signal }: BaseImagesOptions): Promise<string> {
  const copy = join(scratch, name);
  await run(['cp', '--archive', base, copy], { signal });
  return copy;
}

/** Adds this Node.js, npm, and the settings with which npm reaches its registry here. */
async function addNode(folder: string): Promise<string> {
  const modules = join(folder, 'usr/local/lib/node_modules');
  for (const path of ['usr/local/bin', 'usr/local/lib/node_modules', 'etc/ssl/certs', 'root']) {
    await mkdir(join(folder, path), { recursive: true });
  }
  await copyFile(process.execPath, join(folder, 'usr/local/bin/node'));
  const installed = join((await run(['npm', 'root', '--global'])).trim(), 'npm');
  await cp(installed, join(modules, 'npm'), { recursive: true, dereference: true });
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(folder, 'usr/local/bin/npm'));
  await copyIfPresent(process.env.NODE_EXTRA_CA_CERTS ?? CERTIFICATES, join(folder, CERTIFICATES));
  await copyIfPresent(join(homedir(), '.npmrc'), join(folder, 'root/.npmrc'));
  return folder;
}

/** Adds BusyBox's commands, the entrypoint, and the folder of the volume. */
async function addRedis(folder: string): Promise<string> {
  for (const path of ['busybox', 'usr/local/bin', 'data']) {
    await mkdir(join(folder, path), { recursive: true });
  }
  for (const name of APPLETS) await symlink('/usr/bin/busybox', join(folder, 'busybox', name));
  const entrypoint = join(folder, 'usr/local/bin/docker-entrypoint.sh');
  await writeFile(entrypoint, '#!/bin/sh\numask 0077\nexec "$@"\n');
  await chmod(entrypoint, 0o755);
  const users = await readFile(join(folder, 'etc/passwd'), 'utf8');
  const [, uid, gid] = /^redis:[^:]*:(\d+):(\d+):/m.exec(users) ?? [];
  await chown(join(folder, 'data'), Number(uid), Number(gid));
  return folder;
}

async function importImage(
  image: string,
  folder: string,
  changes: readonly string[],
  { env, signal }: BaseImagesOptions,
): Promise<void> {
  const script = 'folder=$1; shift; tar -C "$folder" -c . | docker import "$@"';
  const options = [...changes.flatMap((change) => ['--change', change]), '-', image];
  await run(['bash', '-o', 'pipefail', '-ec', script, 'bash', folder, ...options], {
    env,
    deadlineMs: IMPORT_DEADLINE_MS,
    signal,
  });
}

async function copyIfPresent(from: string, to: string): Promise<void> {
  if (await exists(from)) await copyFile(from, to);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
