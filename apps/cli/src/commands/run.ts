import type { BoonerClient } from '@booner/client';
import type { Command } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { safeText } from '../terminal/safe-text.ts';
import { exitCodeOf, followTask } from './follow-task.ts';
import { type ParameterOptions, readParameters } from './run-parameters.ts';

type RunOptions = ParameterOptions & {
  readonly follow?: boolean;
  readonly cancelOnInterrupt?: boolean;
};

const collect = (text: string, before: readonly string[]): readonly string[] => [...before, text];

/** Adds `booner run`. */
export function addRunCommand(program: Command, run: Run): void {
  program
    .command('run')
    .description('run an action of a target')
    .argument('<host>', 'the target')
    .argument('<action>', 'one of `booner actions HOST`')
    .option('-p, --param <name=value>', 'a parameter; may be repeated', collect, [])
    .option('--param-file <name=file>', 'a parameter from a file, - for stdin: for secrets', collect, [])
    .option('-f, --follow', 'show progress and output to the end; Ctrl-C leaves, and the task goes on')
    .option('--cancel-on-interrupt', 'with --follow: Ctrl-C cancels the task instead')
    .addHelpText(
      'after',
      examples(
        'run 10.0.0.2 countdown -p seconds=5 --follow',
        'run 10.0.0.2 game.deploy -p version=v1.2.3 --param-file api_token=./token',
        'run 10.0.0.2 disk-usage --json',
      ),
    )
    .action((host: string, action: string, options: RunOptions, command: Command) =>
      run(command, (context) => runAction(context, host, action, options)),
    );
}

/**
 * `booner run`. JSON: without `--follow` the answer of `POST /tasks`; with it the task at its end, as `GET /tasks/:id?version=2`, and
 * the output goes to stderr.
 */
function runAction(
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
