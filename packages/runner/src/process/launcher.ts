import type { ChildProcess } from 'node:child_process';
import type { TaskId } from '@booner/protocol';
import type { Confinement } from '../catalogue/confinement.ts';
import type { Exit } from './outcome-of-exit.ts';
import { processGroup } from './process-group.ts';
import { readOwnChild } from './process-stat.ts';
import { type SpawnCommand, spawnCommand } from './spawn-command.ts';
import { type TaskProcesses, taskProcesses } from './task-processes.ts';

export type TaskCommand = {
  readonly taskId: TaskId;
  readonly command: SpawnCommand;
  readonly confinement: Confinement;
  /** Directory of the run, in a folder that only root can write. The command may write in it. */
  readonly directory: string;
};

/** The command of a task, running. */
export type LaunchedProcess = {
  /** Has the output of the command as pipes. */
  readonly child: ChildProcess;
  readonly processes: TaskProcesses;
  /** Process group that is signalled as one; `null`: each process is signalled by itself. */
  readonly groupId: number | null;
  /** Resolves when the command has ended. Never rejects. */
  readonly exited: Promise<Exit>;
};

type Launch =
  | { readonly ok: true; readonly process: LaunchedProcess }
  /** `reason`: why the command cannot be started. */
  | { readonly ok: false; readonly reason: string };

/** Starts the command of a task, so that all of its processes can be found again. */
export type Launcher = {
  /** False if it ignores the confinement. */
  readonly confines: boolean;
  launch(task: TaskCommand): Promise<Launch>;
  /** Clears what the system keeps about ended processes of a task. Never rejects. */
  forget(taskId: TaskId): Promise<void>;
};

/**
 * Starts a plain child of the runner. Its processes are known by their group, their environment and
 * their descent.
 */
export const directLauncher: Launcher = {
  confines: false,
  launch: async ({ taskId, command }) => {
    const spawned = await spawnCommand(command);
    if (!spawned.ok) return spawned;
    const { child, pid } = spawned;
    const leader = readOwnChild(pid);
    const processes = leader === null ? processGroup(pid) : taskProcesses(taskId, leader);
    return { ok: true, process: { child, processes, groupId: pid, exited: exitOf(child) } };
  },
  forget: async () => {},
};

/** MUST be called in the turn of the event loop that started the child. */
export const exitOf = (child: ChildProcess): Promise<Exit> =>
  new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
