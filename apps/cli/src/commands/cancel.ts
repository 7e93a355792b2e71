import { hasEnded } from '@booner/protocol/has-ended';
import { EXIT } from '../errors/exit-codes.ts';
import type { CancelOptions } from '../program/task-commands.ts';
import type { Context } from '../runtime/context.ts';
import { interruption } from '../runtime/interrupted.ts';
import { withHub } from '../runtime/with-hub.ts';
import { safeText } from '../terminal/safe-text.ts';
import { taskStatus } from '../texts/task-texts.ts';

/** `booner cancel`. JSON: the answer of `POST /tasks/:id/cancel`, or with `--wait` the task. Ends with 1 when the task ended otherwise. */
export function cancelTask(
  context: Context,
  id: string,
  { wait }: CancelOptions,
): Promise<number | undefined> {
  return withHub(context, async (client) => {
    const { terminal, isJson } = context;
    const answer = await client.cancelTask(id);
    if (!wait) {
      if (isJson)
        terminal.printJson({ task_id: answer.taskId, status: answer.status, message: answer.message });
      else terminal.print(safeText(answer.message));
      return;
    }
    using stop = interruption();
    for await (const _ of client.followLog(id, { signal: stop.signal })); // it ends with the task
    const task = await client.readTask(id);
    if (isJson) terminal.printJson(task);
    else terminal.print(`Task ${id}: ${taskStatus(task.status, terminal)}`);
    return task.status === 'cancelled' || !hasEnded(task.status) ? undefined : EXIT.failed;
  });
}
