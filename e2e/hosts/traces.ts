import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from './machine.ts';

/**
 * Paths that a running system writes by itself: file systems in memory, logs, systemd's own state,
 * caches.
 */
const WRITTEN_BY_SYSTEM =
  /^\/(dev|proc|run|sys|tmp|var\/(log|tmp|cache|lib\/(systemd|dbus)))(\/|$)|^\/etc\/(\.updated|ld\.so\.cache)$|^\/var\/\.updated$/;

/**
 * Reads everything on a host that an installation could leave: files with their content, users,
 * groups and units.
 */
export async function readTraces(machine: Machine): Promise<Map<string, string>> {
  const traces = new Map<string, string>();
  const entries = await readdir(machine.folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const inside = path.slice(machine.folder.length);
    if (!WRITTEN_BY_SYSTEM.test(inside)) traces.set(inside, await describe(path, inside.startsWith('/etc/')));
  }
  const lists = {
    users: 'getent passwd; getent group',
    units:
      'systemctl list-unit-files --no-legend --plain; systemctl list-units --all --no-legend --plain "*booner*"',
    processes: 'ps -eo args | grep [b]ooner || true',
    named: 'find /dev/shm /run /tmp /var -xdev -name "*booner*"', // left out above
  };
  for (const [name, command] of Object.entries(lists)) {
    for (const line of (await machine.shell(command)).split('\n')) traces.set(`${name}: ${line}`, '');
  }
  return traces;
}

/** Compares two readings: `+ PATH`, `- PATH` or `~ PATH` for what is new, gone or changed. */
export function differenceOf(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string[] {
  const added = [...after.keys()].filter((name) => !before.has(name)).map((name) => `+ ${name}`);
  const gone = [...before.keys()].filter((name) => !after.has(name)).map((name) => `- ${name}`);
  const changed = [...before].filter(([name, value]) => after.has(name) && after.get(name) !== value);
  return [...added, ...gone, ...changed.map(([name]) => `~ ${name}`)];
}

/** Kind, mode, owner and size, or content. */
async function describe(path: string, withContent: boolean): Promise<string> {
  const { mode, uid, gid, size } = await lstat(path);
  const common = `${mode.toString(8)} ${uid}:${gid}`;
  const kind = mode & 0o170000;
  if (kind === 0o120000) return `${common} -> ${await readlink(path)}`;
  if (kind !== 0o100000) return common;
  if (!withContent) return `${common} ${size}`;
  return `${common} ${createHash('sha1')
    .update(await readFile(path))
    .digest('hex')}`;
}
