import { type Command, Option } from 'commander';
import { countUpTo, examples, type Run } from '../runtime/command-parts.ts';

export type TasksOptions = {
  readonly status?: 'queued' | 'running' | 'completed' | 'failed' | 'cancelled';
  readonly host?: string;
  readonly action?: string;
  readonly limit: number;
};
export type RunOptions = {
  /** `name=value`. */
  readonly param: readonly string[];
  /** `name=FILE`. */
  readonly paramFile: readonly string[];
  readonly follow?: boolean;
  readonly cancelOnInterrupt?: boolean;
};
export type LogsOptions = { readonly follow?: boolean; readonly tail?: number };
export type CancelOptions = { readonly wait?: boolean };

const collect = (text: string, before: readonly string[]): readonly string[] => [...before, text];

export function addTaskCommands(program: Command, run: Run): void {
  program
    .command('tasks')
    .description('the tasks, newest first; or one of them in full')
    .argument('[task]', 'id of one task')
    .addOption(
      new Option('--status <status>', 'only these').choices([
        'queued',
        'running',
        'completed',
        'failed',
        'cancelled',
      ]),
    )
    .option('--host <host>', 'only those of a target')
    .option('--action <name>', 'only those of an action')
    .option('-n, --limit <count>', 'how many, at most 500', countUpTo(500), 20)
    .addHelpText('after', examples('tasks --status running', 'tasks --host 10.0.0.2 -n 5 --json'))
    .action((id: string | undefined, options: TasksOptions, command: Command) =>
      run(command, async (context) => {
        const { listTasks, showTask } = await import('../commands/tasks.ts');
        return id === undefined ? listTasks(context, options) : showTask(context, id);
      }),
    );
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
      run(command, async (context) =>
        (await import('../commands/run.ts')).runAction(context, host, action, options),
      ),
    );
  program
    .command('logs')
    .description('the output of a task')
    .argument('<task>', 'its id')
    .option('-f, --follow', 'go on until the task ends')
    .option('--tail <lines>', 'only the last lines', countUpTo(100_000))
    .addHelpText('after', examples('logs V1StGXR8_Z5jdHi6B-myT', 'logs V1StGXR8_Z5jdHi6B-myT --follow'))
    .action((id: string, options: LogsOptions, command: Command) =>
      run(command, async (context) => (await import('../commands/logs.ts')).showLogs(context, id, options)),
    );
  program
    .command('cancel')
    .description('cancel a task')
    .argument('<task>', 'its id')
    .option('-w, --wait', 'wait until its processes are gone')
    .addHelpText('after', examples('cancel V1StGXR8_Z5jdHi6B-myT --wait'))
    .action((id: string, options: CancelOptions, command: Command) =>
      run(command, async (context) =>
        (await import('../commands/cancel.ts')).cancelTask(context, id, options),
      ),
    );
}
