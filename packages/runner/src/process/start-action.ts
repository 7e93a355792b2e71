import { join } from 'node:path';
import type { LogLine, Outcome, TaskId } from '@booner/protocol';
import { findAccount, ownAccount } from '../accounts/account.ts';
import type { Action } from '../catalogue/action.ts';
import type { PreparedCommand } from '../catalogue/prepare-command.ts';
import { captureOutput } from '../log/capture-output.ts';
import type { Progress } from '../log/progress-line.ts';
import { createRedactor } from '../log/redactor.ts';
import { followProcess } from './follow-process.ts';
import { handOverDirectory } from './hand-over-directory.ts';
import { failed } from './outcome-of-exit.ts';
import { processEnvironment } from './process-environment.ts';
import type { RunPolicy } from './run-policy.ts';
import { spawnCommand } from './spawn-command.ts';

const DEFAULT_CWD = '/';

export type ActionRun = {
  /** `null` when the command could not be started. */
  readonly pid: number | null;
  /**
   * Settles when the process has ended and its output was read (a survivor that holds the pipes open is waited for at most 1 s), and, unless it
   * completed, none of its processes is left. Never rejects.
   */
  readonly ended: Promise<Outcome>;
  /**
   * Ends all processes of the task: TERM, after `graceMs` KILL, until none is left; `ended` then
   * settles with this outcome. Has no effect once the process has ended. A later call only moves
   * KILL closer. Processes that are left a minute after KILL make the outcome `failed`.
   */
  end(outcome: Outcome, graceMs: number): void;
};

export type StartActionOptions = {
  readonly action: Action;
  readonly command: PreparedCommand;
  readonly taskId: TaskId;
  readonly policy: Pick<RunPolicy, 'launcher' | 'graceMs'>;
  /** For the result file: there, empty and private. It is given to the action's user. */
  readonly directory: string;
  /** Takes whole lines, cleaned and without secrets; stream `runner` is the runner's own word on the task. MUST NOT throw. */
  readonly onLine: (stream: LogLine['stream'], text: string) => void;
  /** MUST NOT throw. */
  readonly onProgress: (progress: Progress) => void;
};

/** Starts the process of a task. What keeps it from being started is the outcome. */
export async function startAction(options: StartActionOptions): Promise<ActionRun> {
  const { action, command, taskId, directory, policy } = options;
  const found = await findAccount(action.user);
  if (!found.ok) return notStarted(found.reason);
  const { account } = found;
  const switchTo = account.uid === ownAccount().uid ? null : account;
  if (switchTo !== null) {
    const fault = await handOverDirectory(directory, switchTo);
    if (fault !== null) return notStarted(fault);
  }
  const resultFile = join(directory, 'result.json');
  const launch = await policy.launcher(taskId, {
    argv: command.argv,
    env: processEnvironment(account, command.env, { taskId, resultFile }),
    cwd: action.cwd ?? DEFAULT_CWD,
    switchTo,
  });
  if (!launch.ok) return notStarted(launch.reason);
  const spawned = await spawnCommand(launch.command);
  if (!spawned.ok) return notStarted(spawned.reason);
  const { child, pid } = spawned;
  const redactor = createRedactor(command.secrets);
  const output = captureOutput({ redactor, onLine: options.onLine, onProgress: options.onProgress });
  return {
    pid,
    ...followProcess({ ...options, child, pid, output, redactor, resultFile, uid: account.uid }),
  };
}

const notStarted = (reason: string): ActionRun => ({
  pid: null,
  ended: Promise.resolve(failed(reason)),
  end: () => {},
});
