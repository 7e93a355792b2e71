import type { TaskId } from '@booner/protocol';
import type { SpawnCommand } from './spawn-command.ts';

type Launch =
  | { readonly ok: true; readonly command: SpawnCommand }
  /** `reason`: why the command cannot be started. */
  | { readonly ok: false; readonly reason: string };

/**
 * Decides how the command of a task is started, so that all of its processes can be found again.
 */
export type Launcher = (taskId: TaskId, command: SpawnCommand) => Promise<Launch>;

/**
 * Starts a plain child of the runner. Its processes are known by their group, their environment and
 * their descent.
 */
export const startDirectly: Launcher = async (_taskId, command) => ({ ok: true, command });
