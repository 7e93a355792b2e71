import { hasEnded } from '@booner/protocol/has-ended';
import type { Command } from 'commander';
import { EXIT } from '../errors/exit-codes.ts';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { interruption } from '../terminal/interrupted.ts';
import { safeText } from '../terminal/safe-text.ts';
import { taskStatus } from '../texts/task-texts.ts';

type CancelOptions = { readonly wait?: boolean };

/** Adds `booner cancel`. */
export function addCancelCommand(program: Command, run: Run): void {
  program
    .command('cancel')
    .description('cancel a task')
    .argument('<task>', 'task ID')
    .option('-w, --wait', 'wait until its processes have exited')
    .addHelpText('after', examples('cancel V1StGXR8_Z5jdHi6B-myT --wait'))
    .action((id: string, options: CancelOptions, command: Command) =>
      run(command, (context) => cancelTask(context, id, options)),
    );
}

/**
 * Runs `booner cancel`. JSON: the response of `POST /tasks/:id/cancel`, or with `--wait` the task.
 * With `--wait`, exits with 1 if the task completed or failed instead.
 */
function cancelTask(context: Context, id: string, { wait }: CancelOptions): Promise<number | undefined> {
  return withHub(context, async (client) => {
    const { terminal, isJson } = context;
    const response = await client.cancelTask(id);
    if (!wait) {
      if (isJson)
        terminal.printJson({ task_id: response.taskId, status: response.status, message: response.message });
      else terminal.print(safeText(response.message));
      return;
    }
    using stop = interruption();
    for await (const _ of client.followLog(id, { signal: stop.signal })); // ends with the task
    const task = await client.readTask(id);
    if (isJson) terminal.printJson(task);
    else terminal.print(`Task ${id}: ${taskStatus(task.status, terminal)}`);
    return task.status === 'cancelled' || !hasEnded(task.status) ? undefined : EXIT.failed;
  });
}
