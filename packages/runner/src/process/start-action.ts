import { join } from 'node:path';
import type { LogLine, Outcome, TaskId } from '@booner/protocol';
import { findAccount, ownAccount } from '../accounts/account.ts';
import type { Action } from '../catalogue/action.ts';
import type { PreparedCommand } from '../catalogue/prepare-command.ts';
import { captureOutput } from '../log/capture-output.ts';
import type { Progress } from '../log/progress-line.ts';
import { createRedactor } from '../log/redactor.ts';
import { followProcess, type ProcessRun } from './follow-process.ts';
import { handOverDirectory } from './hand-over-directory.ts';
import { failed } from './outcome-of-exit.ts';
import { processEnvironment } from './process-environment.ts';
import type { RunPolicy } from './run-policy.ts';

const DEFAULT_CWD = '/';

export type ActionRun = {
  /**
   * Resolves when the process has ended and its output was read; a child that holds the pipes open
   * delays it by at most 1 s. Unless it completed, none of its processes is left. Never rejects.
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
  readonly action: Pick<Action, 'user' | 'cwd' | 'confinement'>;
  readonly command: PreparedCommand;
  /** All processes are ended after this time; `null`: there is no limit. */
  readonly timeoutSeconds: number | null;
  readonly taskId: TaskId;
  readonly policy: Pick<RunPolicy, 'launcher' | 'graceMs'>;
  /** Directory of the result file: private, and handed over to the action's user. */
  readonly directory: string;
  /**
   * Receives whole lines, cleaned and without secrets. Stream `runner` carries the runner's own
   * remarks. MUST NOT throw.
   */
  readonly onLine: (stream: LogLine['stream'], text: string) => void;
  /** MUST NOT throw. */
  readonly onProgress: (progress: Progress) => void;
};

/** Starts a process of a task. If it cannot be started, the outcome says why. */
export async function startAction(options: StartActionOptions): Promise<ProcessRun> {
  const { action, command, taskId, directory, policy } = options;
  const found = await findAccount(action.user);
  if (!found.ok) return notStarted(found.reason);
  const { account } = found;
  const switchTo = account.uid === ownAccount().uid ? null : account;
  if (switchTo !== null) {
    const issue = await handOverDirectory(directory, switchTo);
    if (issue !== null) return notStarted(issue);
  }
  const resultFile = join(directory, 'result.json');
  const launched = await policy.launcher.launch({
    taskId,
    command: {
      argv: command.argv,
      env: processEnvironment(account, command.env, { taskId, resultFile }),
      cwd: action.cwd ?? DEFAULT_CWD,
      switchTo,
    },
    confinement: action.confinement,
    directory,
  });
  if (!launched.ok) return notStarted(launched.reason);
  const redactor = createRedactor(command.secrets);
  const output = captureOutput({ redactor, onLine: options.onLine, onProgress: options.onProgress });
  const { process } = launched;
  return followProcess({ ...options, process, output, redactor, resultFile, uid: account.uid });
}

const notStarted = (reason: string): ProcessRun => ({
  ended: Promise.resolve(failed(reason)),
  end: () => {},
  hasLeft: async () => false,
  endLeft: async () => true,
});
