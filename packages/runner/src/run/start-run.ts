import type { TaskId } from '@booner/protocol';
import type { Logger } from '@booner/service';
import type { Action, CommandTemplate } from '../catalogue/action.ts';
import type { PreparedCommand } from '../catalogue/prepare-command.ts';
import type { RunPolicy } from '../process/run-policy.ts';
import { type ActionRun, startAction } from '../process/start-action.ts';
import { runSteps } from '../steps/run-steps.ts';
import type { RunEvents } from './actions.ts';
import { endWhatIsLeft } from './end-what-is-left.ts';

/** Returns the commands of a run, in order; `null` for a dry run of an action that has none. */
export function commandsToRun(
  { command, steps, check }: Pick<Action, 'command' | 'steps' | 'check'>,
  isDryRun: boolean,
): readonly CommandTemplate[] | null {
  if (isDryRun) return check === null ? null : [check];
  return command === null ? steps.map((step) => step.command) : [command];
}

export type StartRunOptions = {
  readonly task: TaskId;
  readonly action: Action;
  /** True for a dry run. */
  readonly check: boolean;
  /** Those of {@link commandsToRun}, filled in. */
  readonly commands: readonly PreparedCommand[];
  /** Directory of the run. */
  readonly directory: string;
  readonly policy: Pick<RunPolicy, 'launcher' | 'graceMs'>;
  readonly logger: Pick<Logger, 'error'>;
};

/** Starts the command of an action, or the first of its steps. */
export async function startRun(options: StartRunOptions, events: RunEvents): Promise<ActionRun> {
  const { task, action, check, commands, directory, policy, logger } = options;
  const { timeoutSeconds } = action;
  const { graceMs } = policy;
  const startCommand = (command: PreparedCommand, limitSeconds: number | null) =>
    startAction({
      ...events,
      ...{ action, command, directory, policy },
      taskId: task,
      timeoutSeconds: limitSeconds,
    });
  const steps = check ? [] : action.steps;
  if (steps.length === 0) return startCommand(commands[0]!, timeoutSeconds);
  return runSteps({
    steps: steps.map((step, index) => ({ step, command: commands[index]! })),
    ...{ timeoutSeconds, graceMs, events, startCommand },
    endLeft: (withinMs) => endWhatIsLeft(task, { graceMs: withinMs, logger }),
  });
}
