import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AddedTarget } from '@booner/protocol';
import type { Desk } from './desk.ts';
import type { RedisLogin } from './fleet-redis.ts';
import type { Machine } from './machine.ts';

const INSTALL_DEADLINE_MS = 90_000;
const ACTIONS = 'etc/booner/actions.d';
const CREDENTIALS = '/etc/booner/credentials';

/** Adds a target on the hub and runs the hub's install line on the target. Returns its output. */
export async function installTarget(desk: Desk, target: Machine, label: string): Promise<string> {
  return pasteLine(target, await lineFor(desk, target, label));
}

/** Adds a target on the hub, or adds it again with `replace`. @returns the line to run there */
export async function lineFor(
  desk: Desk,
  { host }: Machine,
  label: string,
  { replace = false } = {},
): Promise<string> {
  return (await desk.post<AddedTarget>('/targets', { host, label, withTasks: true, replace })).command;
}

/**
 * Runs a hub's install line on the target, with remote upgrades, and returns its output. Removes
 * the installer that the line downloads.
 */
export function pasteLine(target: Machine, line: string): Promise<string> {
  return target.shell(`{ ${line} --remote-upgrade; } && rm booner-install.sh`, {
    deadlineMs: INSTALL_DEADLINE_MS,
  });
}

/** Removes everything that the installation added. Returns the output. */
export function uninstallTarget(target: Machine): Promise<string> {
  return target.shell('sh /opt/booner/current/install.sh --uninstall', { deadlineMs: INSTALL_DEADLINE_MS });
}

/** Puts an action on a target, as its administrator does. */
export async function addAction(
  target: Machine,
  name: string,
  script: string,
  more: object = {},
): Promise<void> {
  const folder = join(target.folder, ACTIONS);
  await mkdir(folder, { recursive: true });
  const action = { name, command: ['sh', '-c', script], onStop: 'finish', ...more };
  await writeFile(join(folder, `${name}.yaml`), JSON.stringify(action), { mode: 0o644 }); // JSON is YAML
}

/**
 * Reads the Redis login that a thief finds on a target, as its own agent or runner, for use from
 * anywhere.
 */
export async function stealLogin(
  target: Machine,
  role: 'agent' | 'runner',
  from = target.host,
): Promise<RedisLogin> {
  const password = await target.exec(['cat', `${CREDENTIALS}/redis-${role}-password`]);
  return { from, user: `booner-${role}-${target.host}`, password: password.trim() };
}
