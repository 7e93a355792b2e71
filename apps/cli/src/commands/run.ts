import type { BoonerClient } from '@booner/client';
import type { RunOptions } from '../program/task-commands.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { safeText } from '../terminal/safe-text.ts';
import { exitCodeOf, followTask } from './follow-task.ts';
import { readParameters } from './run-parameters.ts';

/**
 * `booner run`. JSON: without `--follow` the answer of `POST /tasks`; with it the task at its end, as `GET /tasks/:id?version=2`, and
 * the output goes to stderr.
 */
export function runAction(
  context: Context,
  host: string,
  action: string,
  options: RunOptions,
): Promise<number | undefined> {
  return withHub(context, async (client) => {
    const params = await readParameters(options, await findAction(client, host, action, options));
    const { taskId, status, message } = await client.createTask({ host, action, params });
    const { terminal, isJson } = context;
    if (options.follow) {
      if (!isJson) terminal.note(`Task ${taskId}`);
      const task = await followTask(context, client, taskId, {
        cancelOnInterrupt: options.cancelOnInterrupt === true,
      });
      if (isJson) terminal.printJson(task);
      return exitCodeOf(task);
    }
    if (isJson) return void terminal.printJson({ task_id: taskId, status, message });
    terminal.print(taskId);
    terminal.note(`${safeText(message)}. \`booner logs ${taskId} --follow\` shows what it does.`);
  });
}

/** To know the parameters' types, when there are some. What is not offered is the hub's to refuse. */
async function findAction(client: BoonerClient, host: string, name: string, options: RunOptions) {
  if (options.param.length === 0 && options.paramFile.length === 0) return undefined;
  return (await client.listActions(host)).actions.find((action) => action.name === name);
}
