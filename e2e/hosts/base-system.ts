import { createHash } from 'node:crypto';
import { mkdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';

const RELEASE = 'bookworm';
const PACKAGES = [
  ...['systemd', 'systemd-sysv', 'dbus', 'iproute2', 'ca-certificates', 'procps'],
  ...['curl', 'sudo'], // the install line uses them
];
/**
 * Units that wait for a network manager, for a person or for the internet, none of which exists.
 */
const MASKED = [
  ...['systemd-networkd.service', 'systemd-networkd.socket', 'systemd-firstboot.service'],
  ...[
    'console-getty.service',
    'getty.target',
    'apt-daily.timer',
    'apt-daily-upgrade.timer',
    'e2scrub_all.timer',
  ],
];
/** Folders that no test reads, a third of the whole. */
const LEFT_OUT = [
  ...['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man', 'usr/share/locale'],
  ...['etc/machine-id', 'etc/hostname', 'etc/resolv.conf'], // those of the machine that it was made on
];
const BUILD_DEADLINE_MS = 300_000;

/**
 * Returns the folder of a Debian with systemd, from which hosts are copied; never boot it itself.
 * It is made once, which takes a minute and the network, and kept in the cache under a name that
 * changes with its ingredients.
 * @param scratch folder on the same file system as the cache
 * @param added Debian packages besides those that every host has
 */
export async function baseSystem(
  cache: string,
  scratch: string,
  added: readonly string[] = [],
): Promise<string> {
  const packages = [...PACKAGES, ...added];
  const recipe = createHash('sha256')
    .update(JSON.stringify([RELEASE, packages, MASKED, LEFT_OUT]))
    .digest('hex');
  const base = join(cache, `base-${recipe.slice(0, 12)}`);
  if (await exists(base)) return base;
  const building = join(scratch, 'base');
  await run(['debootstrap', '--variant=minbase', `--include=${packages.join(',')}`, RELEASE, building], {
    deadlineMs: BUILD_DEADLINE_MS,
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  for (const path of LEFT_OUT) await rm(join(building, path), { recursive: true, force: true });
  for (const folder of ['var/cache/apt/archives/partial', 'var/lib/apt/lists/partial']) {
    await mkdir(join(building, folder), { recursive: true });
  }
  const units = join(building, 'etc/systemd/system');
  for (const unit of MASKED) {
    await rm(join(units, unit), { force: true });
    await symlink('/dev/null', join(units, unit));
  }
  await writeFile(join(building, 'etc/resolv.conf'), '');
  try {
    await rename(building, base);
  } catch (error) {
    if (!(await exists(base))) throw error; // else another run was quicker
  }
  return base;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
