import { cp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@booner/testkit';
import type { Machine } from './machine.ts';

const INSTALL_DEADLINE_MS = 120_000;
const READY_DEADLINE_MS = 60_000;
const ADMIN_TOKEN = '/var/lib/booner-hub/admin-token';
/** The packages that the hub offers to hosts, in its own package. */
const OFFERED = '/opt/booner/current/packages';

type User = { readonly user: string; readonly password: string };

/** Installs the hub from its package, sets its Redis users, and waits until it is ready. */
export async function installHub(
  machine: Machine,
  packages: string,
  redis: { readonly hub: User; readonly enroller: User },
): Promise<{ readonly url: string; readonly token: string; readonly said: string }> {
  const url = `http://${machine.host}:8000`;
  for (const [name, { password }] of Object.entries(redis)) {
    await writeFile(join(machine.folder, 'root', name), password, { mode: 0o600 });
  }
  const said = await installPackage(machine, packages, [
    ...['--listen', machine.host, '--public-url', url],
    ...['--redis-url', `redis://${machine.host}:6379`],
    ...['--redis-username', redis.hub.user, '--redis-password-file', '/root/hub'],
    ...['--enroller-username', redis.enroller.user, '--enroller-password-file', '/root/enroller'],
  ]);
  for (const name of Object.keys(redis)) await rm(join(machine.folder, 'root', name));
  const token = await eventually(() => machine.exec(['cat', ADMIN_TOKEN]), {
    deadlineMs: READY_DEADLINE_MS, // it is made once the hub has asked Redis whether there was ever one
    everyMs: 100,
    what: 'the first admin token',
  });
  return { url, said, token: token.trim() };
}

/** Installs another version over the installed one. */
export function upgradeHub(machine: Machine, packages: string): Promise<string> {
  return installPackage(machine, packages, []);
}

/** Offers these packages to hosts, in place of the previous ones. */
export async function offerPackages(machine: Machine, packages: string): Promise<void> {
  const names = await readdir(packages);
  for (const name of names) await cp(join(packages, name), join(machine.folder, 'root', name));
  await machine.shell(`rm -f ${OFFERED}/* && cp ${names.join(' ')} ${OFFERED} && rm ${names.join(' ')}`);
}

/** Removes everything that the installation of the hub added. */
export function uninstallHub(machine: Machine): Promise<string> {
  return machine.shell('sh /opt/booner/current/install.sh --role hub --uninstall');
}

/** Copies the hub's package and its installer to its host, and runs that. */
async function installPackage(
  machine: Machine,
  packages: string,
  settings: readonly string[],
): Promise<string> {
  const archive = (await readdir(packages)).find((name) => name.startsWith('booner-hub-'));
  if (archive === undefined) throw new Error(`no hub package in ${packages}`);
  for (const name of [archive, 'install.sh', 'SHA256SUMS', 'SHA256SUMS.sig']) {
    await cp(join(packages, name), join(machine.folder, 'root', name));
  }
  const said = await machine.exec(['sh', 'install.sh', '--role', 'hub', '--offline', archive, ...settings], {
    deadlineMs: INSTALL_DEADLINE_MS,
  });
  await machine.shell('rm booner-hub-* install.sh SHA256SUMS SHA256SUMS.sig');
  const isReady = ['curl', '--fail', '--silent', `http://${machine.host}:8000/readyz`];
  await eventually(async () => (await machine.tryExec(isReady)).code === 0, {
    deadlineMs: READY_DEADLINE_MS,
    everyMs: 100,
    what: 'the hub to be ready',
  });
  return said;
}
