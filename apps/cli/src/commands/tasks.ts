import { type Command, Option } from 'commander';
import { countUpTo, examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { timeText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';
import { printFacts } from '../texts/print-facts.ts';
import {
  createdText,
  progressText,
  resultText,
  saysText,
  taskStatus,
  tookText,
} from '../texts/task-texts.ts';

type TasksOptions = {
  readonly status?: 'queued' | 'running' | 'completed' | 'failed' | 'cancelled';
  readonly host?: string;
  readonly action?: string;
  readonly limit: number;
};

/** Adds `booner tasks`. */
export function addTasksCommand(program: Command, run: Run): void {
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
      run(command, (context) => (id === undefined ? listTasks(context, options) : showTask(context, id))),
    );
}

const COLUMNS: readonly Column[] = [
  { title: 'TASK' },
  { title: 'STATUS' },
  { title: 'HOST', shrinksTo: 12 },
  { title: 'ACTION', shrinksTo: 8 },
  { title: 'CREATED', align: 'right', dispensable: 1 },
  { title: 'TOOK', align: 'right', dispensable: 2 },
  { title: 'SAYS', shrinksTo: 10, dispensable: 3 },
];

/** `booner tasks`. JSON is that of `GET /tasks?version=2`: `{tasks, next}`. */
function listTasks(context: Context, { status, host, action, limit }: TasksOptions): Promise<undefined> {
  return withHub(context, async (client) => {
    const page = await client.listTasks({ status, host, action, limit });
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(page);
    if (page.tasks.length === 0)
      return void terminal.note('There are no such tasks. `booner run HOST ACTION` makes one.');
    const nowMs = Date.now();
    const rows = page.tasks.map((task) => [
      task.id,
      taskStatus(task.status, terminal),
      safeText(task.host),
      safeText(task.action),
      createdText(task, nowMs),
      tookText(task, nowMs),
      saysText(task),
    ]);
    terminal.print(...renderTable(COLUMNS, rows, terminal));
    if (page.next !== null && terminal.isTty)
      terminal.note(`There are more: --limit ${Math.min(500, limit * 5)}`);
  });
}

/** `booner tasks TASK`. JSON is that of `GET /tasks/:id?version=2`. */
function showTask(context: Context, id: string): Promise<undefined> {
  return withHub(context, async (client) => {
    const task = await client.readTask(id);
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(task);
    const nowMs = Date.now();
    const time = (atMs: number | null) => (atMs === null ? null : timeText(atMs));
    printFacts(terminal, [
      ['task', task.id],
      ['status', taskStatus(task.status, terminal)],
      ['host', task.host],
      ['action', task.action],
      ['place in the queue', task.queuePosition],
      ['progress', progressText(task)],
      ['message', task.message === null ? null : safeText(task.message)],
      ...Object.entries(task.params).map(
        ([name, value]) =>
          [`param ${name}`, safeText(typeof value === 'string' ? value : JSON.stringify(value))] as const,
      ),
      ['created', time(task.createdAtMs)],
      ['started', time(task.startedAtMs)],
      ['ended', time(task.endedAtMs)],
      ['took', tookText(task, nowMs)],
      ['result', task.result === null ? null : resultText(task.result)],
      ['error', task.error === null ? null : terminal.style('red', safeText(task.error))],
      ['lines of output', task.logLines],
    ]);
  });
}
