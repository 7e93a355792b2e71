import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findControlGroups, removeControlGroups } from './cgroups.ts';
import { findNamespaces, removeNamespace } from './network.ts';

/**
 * `booner-PIDxSTART-N`: the process of the run, that process's start time, and the number of the
 * run.
 */
const NAME = /^booner-((\d+)x\d+)-\d+/;
let runs = 0;

/**
 * A run's own folder in the cache, and the name of everything that it makes elsewhere. Disposal
 * removes all of that.
 */
export type RunFolder = AsyncDisposable & {
  /** Prefix of the names of its network namespaces and control groups. */
  readonly name: string;
  readonly folder: string;
};

/** The folder of base systems and of hosts' files; outlives the runs. */
export const cacheFolder = () => join(process.env.XDG_CACHE_HOME ?? '/var/cache', 'booner');

/** Starts a run, after removing what runs left behind whose process has ended. */
export async function makeRunFolder(): Promise<RunFolder> {
  await removeLeftovers();
  runs += 1;
  const name = `booner-${await identityOf(process.pid)}-${runs}`;
  const folder = join(cacheFolder(), name);
  await mkdir(folder, { recursive: true });
  return { name, folder, [Symbol.asyncDispose]: () => removeRun(name) };
}

/** Removes what ended runs left behind: processes, control groups, network namespaces and files. */
export async function removeLeftovers(): Promise<void> {
  const folders = await readdir(cacheFolder()).catch(() => []);
  const groups = (await findControlGroups(NAME)).map((path) => path.split('/').at(-1)!);
  const names = [...folders, ...groups, ...(await findNamespaces(NAME))].map((name) => NAME.exec(name));
  for (const [name, identity, pid] of new Map(
    names.filter((match) => match !== null).map((match) => [match[0], match]),
  ).values()) {
    if ((await identityOf(pid!)) !== identity) await removeRun(name);
  }
}

async function removeRun(name: string): Promise<void> {
  const own = new RegExp(`^${name}(-|$)`);
  await removeControlGroups(await findControlGroups(own));
  for (const namespace of await findNamespaces(own)) await removeNamespace(namespace);
  await rm(join(cacheFolder(), name), { recursive: true, force: true });
}

/**
 * A process's id and its start time in ticks since boot, a pair that no later process repeats; ''
 * if it has ended.
 */
async function identityOf(pid: number | string): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // from field 3 of proc(5) on
  const started = fields[18];
  return started === undefined || state === 'Z' ? '' : `${pid}x${started}`;
}
