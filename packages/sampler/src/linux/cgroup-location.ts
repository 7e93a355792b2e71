import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folders of a container's control group; `null` for a missing controller. */
export type CgroupLocation =
  | { readonly version: 2; readonly folder: string }
  | {
      readonly version: 1;
      readonly cpu: string | null;
      readonly cpuacct: string | null;
      readonly memory: string | null;
      readonly pids: string | null;
    };

/**
 * Group paths of container runtimes. Services are not among them: the limits of the agent's own
 * service are not the host's.
 */
const CONTAINER_PATH =
  /\/(docker|lxc|libpod|libpod_parent|ecs|garden|actions_job|buildkit)\/|\/kubepods|\/lxc\.payload|\/(docker|libpod|crio|cri-containerd)-[0-9a-f]{12,}/;

/**
 * Finds the limits of the container that this process runs in; `null` outside a container. Version
 * 2: the kernel's Documentation/admin-guide/cgroup-v2.rst; version 1:
 * Documentation/admin-guide/cgroup-v1/.
 *
 * Container runtimes show the container's group as the root of /sys/fs/cgroup: it has files that
 * the true root lacks (v2), or lacks some that only the true root has (v1). If they show the whole
 * tree instead, the process's own path decides.
 */
export function findContainerCgroup(roots: { proc: string; sys: string }): CgroupLocation | null {
  const root = join(roots.sys, 'fs/cgroup');
  const paths = readOwnPaths(join(roots.proc, 'self/cgroup'));
  if (existsSync(join(root, 'cgroup.controllers'))) {
    const own = existsSync(join(root, 'cgroup.events')) ? root : ownFolder(root, paths.get(''));
    return own === null ? null : { version: 2, folder: own };
  }
  const find = (controller: string): string | null => {
    const controllerRoot = join(root, controller);
    if (!existsSync(join(controllerRoot, 'cgroup.procs'))) return null;
    if (!existsSync(join(controllerRoot, 'release_agent'))) return controllerRoot;
    return ownFolder(controllerRoot, paths.get(controller));
  };
  const found = { cpu: find('cpu'), cpuacct: find('cpuacct'), memory: find('memory'), pids: find('pids') };
  return Object.values(found).some((folder) => folder !== null) ? { version: 1, ...found } : null;
}

function ownFolder(root: string, path: string | undefined): string | null {
  if (path === undefined || !CONTAINER_PATH.test(path)) return null;
  const folder = join(root, path);
  return existsSync(folder) ? folder : null;
}

/**
 * Controller -> path of this process's group, by cgroups(7). The version 2 path has an empty name.
 */
function readOwnPaths(file: string): Map<string, string> {
  const paths = new Map<string, string>();
  if (!existsSync(file)) return paths;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [, controllers, ...path] = line.split(':');
    for (const controller of controllers?.split(',') ?? []) paths.set(controller, path.join(':'));
  }
  return paths;
}
