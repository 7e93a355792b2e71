import type { BoonerClient } from '@booner/client';
import type { Command } from 'commander';
import { usageError } from '../errors/cli-error.ts';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { safeText } from '../terminal/safe-text.ts';
import { exitCodeOf, followTask } from './follow-task.ts';
import { collect, type ParameterOptions, paramOption, readParameters } from './run-parameters.ts';

type RunOptions = ParameterOptions & {
  readonly check?: boolean;
  readonly follow?: boolean;
  readonly cancelOnInterrupt?: boolean;
};

/** Adds `booner run`. */
export function addRunCommand(program: Command, run: Run): void {
  program
    .command('run')
    .description('run an action on a target')
    .argument('<host>', 'target to run it on')
    .argument('<action>', 'action name from `booner actions HOST`')
    .addOption(paramOption())
    .option('--param-file <name=file>', 'parameter from a file, or from stdin with -; for secrets', collect)
    .option('--check', 'dry run: run the check of the action, which changes nothing')
    .option('-f, --follow', 'follow progress and output; Ctrl-C stops following, not the task')
    .option('--cancel-on-interrupt', 'with --follow, cancel the task on Ctrl-C')
    .addHelpText(
      'after',
      examples(
        'run 10.0.0.2 countdown -p seconds=5 --follow',
        'run 10.0.0.2 game.deploy -p version=v1.2.3 --param-file api_token=./token',
        'run 10.0.0.2 game.deploy -p version=v1.2.3 --check --follow',
        'run 10.0.0.2 disk-usage --json',
      ),
    )
    .allowExcessArguments() // which explainExcess explains
    .action((host: string, action: string, options: RunOptions, command: Command) =>
      run(command, (context) => {
        explainExcess(command.args.slice(2));
        return runAction(context, host, action, options);
      }),
    );
}

/** @throws CliError if there are more arguments, which may be parameters without `-p` */
function explainExcess(excess: readonly string[]): void {
  const [first] = excess;
  if (first === undefined) return;
  const options = excess.map((text) => `-p ${text}`).join(' ');
  throw usageError(
    `unexpected argument ${JSON.stringify(first)}`,
    first.includes('=') ? `pass parameters with -p: ${options}` : 'specify one target and one action',
  );
}

/**
 * Runs `booner run`. JSON: the response of `POST /tasks`. With `--follow`, it is the ended task, as
 * in `GET /tasks/:id?version=2`, and output goes to stderr.
 */
function runAction(
  context: Context,
  host: string,
  action: string,
  options: RunOptions,
): Promise<number | undefined> {
  return withHub(context, async (client) => {
    const params = await readParameters(options, await findAction(client, host, action, options));
    const request = { host, action, params, ...(options.check && { check: true }) };
    const { taskId, status, message } = await client.createTask(request);
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
    terminal.note(`${safeText(message)} Run \`booner logs ${taskId} --follow\` to follow it.`);
  });
}

/** Finds the action for its parameter types. The hub rejects an unknown action. */
async function findAction(client: BoonerClient, host: string, name: string, options: RunOptions) {
  if (options.param === undefined && options.paramFile === undefined) return undefined;
  return (await client.listActions(host)).actions.find((action) => action.name === name);
}
